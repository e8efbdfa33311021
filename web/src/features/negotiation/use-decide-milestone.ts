import { type Action, useAction } from "@/apollo/use-action";
import {
  DecideMilestoneDocument,
  type DecideMilestoneMutation,
  type DecideMilestoneMutationVariables,
} from "@/gql/graphql";

export function useDecideMilestone(): Action<
  DecideMilestoneMutation,
  DecideMilestoneMutationVariables
> {
  return useAction(DecideMilestoneDocument, (data) => data.decideMilestone);
}
