/** What the queue's states mean, and the words for what was done to it. */
import type { NotificationStatus } from "@/gql/graphql";

/** The first page of the queue: the query and its subscription must agree on it. */
export const NOTIFICATIONS_PAGE = 50;

/** In the order of a message's life. */
export const STATES: readonly NotificationStatus[] = [
  "QUEUED",
  "SENDING",
  "SENT",
  "DELIVERED",
  "FAILED",
  "UNCONFIRMED",
  "CANCELLED",
];

export const CAN_RETRY: ReadonlySet<NotificationStatus> = new Set([
  "FAILED",
  "UNCONFIRMED",
  "CANCELLED",
]);
export const CAN_CANCEL: ReadonlySet<NotificationStatus> = new Set([
  "QUEUED",
  "FAILED",
  "UNCONFIRMED",
]);

/** What "Retry all failed" came to, in words: how many were queued, and what was left and why. */
export function retried(
  queued: number,
  left: readonly { message: string }[],
): { title: string; detail?: string } {
  const title =
    queued === 0
      ? "Nothing was queued again"
      : `${queued} ${queued === 1 ? "text" : "texts"} queued again`;
  return left.length === 0 ? { title } : { title, detail: left.map((n) => n.message).join(" ") };
}

/** A time typed in the reader's zone as the instant of the wire; null: none was typed. */
export function instantOf(local: string): string | null {
  const at = local.trim() === "" ? Number.NaN : Date.parse(local);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
