import { type Action, useAction } from "@/apollo/use-action";
import {
  ApplyListRatesDocument,
  type ApplyListRatesMutation,
  type ApplyListRatesMutationVariables,
  ResolveConflictDocument,
  type ResolveConflictMutation,
  type ResolveConflictMutationVariables,
  SetPriceLinkDocument,
  type SetPriceLinkMutation,
  type SetPriceLinkMutationVariables,
  SetUsageMappingDocument,
  type SetUsageMappingMutation,
  type SetUsageMappingMutationVariables,
  SyncTwilioDocument,
  type SyncTwilioMutation,
  type SyncTwilioMutationVariables,
} from "@/gql/graphql";

export function useSyncTwilio(): Action<SyncTwilioMutation, SyncTwilioMutationVariables> {
  return useAction(SyncTwilioDocument, (data) => data.syncTwilio);
}

export function useSetMapping(): Action<SetUsageMappingMutation, SetUsageMappingMutationVariables> {
  return useAction(SetUsageMappingDocument, (data) => data.setUsageMapping);
}

export function useResolveConflict(): Action<
  ResolveConflictMutation,
  ResolveConflictMutationVariables
> {
  return useAction(ResolveConflictDocument, (data) => data.resolveConflict);
}

export function useApplyRates(): Action<ApplyListRatesMutation, ApplyListRatesMutationVariables> {
  return useAction(ApplyListRatesDocument, (data) => data.applyListRates);
}

export function useSetPriceLink(): Action<SetPriceLinkMutation, SetPriceLinkMutationVariables> {
  return useAction(SetPriceLinkDocument, (data) => data.setPriceLink);
}
