import { type Action, useAction } from "@/apollo/use-action";
import {
  ProposeOfferDocument,
  type ProposeOfferMutation,
  type ProposeOfferMutationVariables,
} from "@/gql/graphql";

export function useProposeOffer(): Action<ProposeOfferMutation, ProposeOfferMutationVariables> {
  return useAction(ProposeOfferDocument, (data) => data.proposeOffer);
}
