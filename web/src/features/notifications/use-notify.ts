import { type Action, useAction } from "@/apollo/use-action";
import {
  CancelNotificationDocument,
  type CancelNotificationMutation,
  LiftOptOutDocument,
  type LiftOptOutMutation,
  PauseNotificationsDocument,
  type PauseNotificationsMutation,
  ResumeNotificationsDocument,
  type ResumeNotificationsMutation,
  RetryFailedNotificationsDocument,
  type RetryFailedNotificationsMutation,
  RetryNotificationDocument,
  type RetryNotificationMutation,
  SendDemoNotificationDocument,
  type SendDemoNotificationMutation,
  SendNotificationDocument,
  type SendNotificationMutation,
  type SendNotificationMutationVariables,
  SendNotificationsDocument,
  type SendNotificationsMutation,
  type SendNotificationsMutationVariables,
} from "@/gql/graphql";

export function useSend(): Action<SendNotificationMutation, SendNotificationMutationVariables> {
  return useAction(SendNotificationDocument, (data) => data.sendNotification);
}

/** Each message has its outcome in the answer: none of them is a problem of the whole. */
export function useSendMany(): Action<
  SendNotificationsMutation,
  SendNotificationsMutationVariables
> {
  return useAction(SendNotificationsDocument, () => ({ userErrors: [] }));
}

export function useSendDemo(): Action<
  SendDemoNotificationMutation,
  { idempotencyKey?: string | null }
> {
  return useAction(SendDemoNotificationDocument, (data) => data.sendDemoNotification);
}

export function useRetry(): Action<RetryNotificationMutation, { id: string }> {
  return useAction(RetryNotificationDocument, (data) => data.retryNotification);
}

/** What was left and why is part of the answer, beside what was queued: no problem of the whole. */
export function useRetryFailed(): Action<RetryFailedNotificationsMutation, Record<string, never>> {
  return useAction(RetryFailedNotificationsDocument, () => ({ userErrors: [] }));
}

export function usePause(): Action<PauseNotificationsMutation, { reason: string }> {
  return useAction(PauseNotificationsDocument, (data) => data.pauseNotifications);
}

export function useResume(): Action<ResumeNotificationsMutation, Record<string, never>> {
  return useAction(ResumeNotificationsDocument, (data) => data.resumeNotifications);
}

/** Why somebody stays opted out is the answer, not a failure. */
export function useLiftOptOut(): Action<LiftOptOutMutation, { to: string }> {
  return useAction(LiftOptOutDocument, () => ({ userErrors: [] }));
}

export function useCancel(): Action<CancelNotificationMutation, { id: string }> {
  return useAction(CancelNotificationDocument, (data) => data.cancelNotification);
}
