import { type Action, useAction } from "@/apollo/use-action";
import { SyncNowDocument, type SyncNowMutation } from "@/gql/graphql";

export function useSyncNow(): Action<SyncNowMutation, Record<string, never>> {
  return useAction(SyncNowDocument, (data) => data.syncNow);
}
