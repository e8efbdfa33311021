import { type Action, useAction } from "@/apollo/use-action";
import {
  SetTargetsDocument,
  type SetTargetsMutation,
  type SetTargetsMutationVariables,
} from "@/gql/graphql";

export function useSetTargets(): Action<SetTargetsMutation, SetTargetsMutationVariables> {
  return useAction(SetTargetsDocument, (data) => data.setTargets);
}
