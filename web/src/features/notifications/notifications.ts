/** The first page of the queue: the query and its subscription must agree on it. */
export const NOTIFICATIONS_PAGE = 50;

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
