import { type Action, useAction } from "@/apollo/use-action";
import {
  DecideOfferDocument,
  type DecideOfferMutation,
  type DecideOfferMutationVariables,
} from "@/gql/graphql";

export function useDecideOffer(): Action<DecideOfferMutation, DecideOfferMutationVariables> {
  return useAction(DecideOfferDocument, (data) => data.decideOffer);
}
