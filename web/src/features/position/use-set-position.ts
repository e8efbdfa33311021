import { type Action, useAction } from "@/apollo/use-action";
import {
  SetPositionDocument,
  type SetPositionMutation,
  type SetPositionMutationVariables,
} from "@/gql/graphql";

export function useSetPosition(): Action<SetPositionMutation, SetPositionMutationVariables> {
  return useAction(SetPositionDocument, (data) => data.setPosition);
}
