/** Every message with the state it is in now; what can still be helped can be helped here. */
import { ChevronRight, MessageSquareText } from "lucide-react";
import { useState } from "react";
import { type Action, announce } from "@/apollo/use-action";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Dialog, DialogActions } from "@/design/dialog";
import { Empty } from "@/design/states";
import { toast } from "@/design/toast";
import type { NotificationForQueueFragment as Notification } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { formatPrice } from "@/lib/money";
import { NOTIFICATION_STATUS, word } from "../words";
import { History } from "./history";
import { CAN_CANCEL, CAN_RETRY } from "./notifications";
import { useCancel, useRetry } from "./use-notify";

/** When it is sent, tried or looked up next, where that is not at once. */
function Due({ notification: n, now }: { notification: Notification; now: number }) {
  if (!n.dueAt || Date.parse(n.dueAt) <= now) return null;
  const what =
    n.status === "QUEUED" ? (n.attempts > 0 ? "next try" : "goes out") : "looked up again";
  return (
    <span title={formatInstant(n.dueAt)}>
      {" "}
      · {what} in {formatAge(Date.parse(n.dueAt) - now)}
    </span>
  );
}

function Actions({ notification: n }: { notification: Notification }) {
  const retry = useRetry();
  const cancel = useCancel();
  const [doubting, setDoubting] = useState(false);
  const act = async (action: Action<unknown, { id: string }>, done: string) => {
    const { problem } = await action.run({ id: n.id });
    if (problem) announce(problem, () => void act(action, done));
    else toast.done({ id: `notification-${n.id}`, title: done });
  };
  return (
    <span data-print="no" className="ml-auto flex gap-1">
      {CAN_RETRY.has(n.status) && (
        <Button
          small
          busy={retry.busy}
          onClick={() =>
            n.status === "UNCONFIRMED" ? setDoubting(true) : void act(retry, "Queued again")
          }
        >
          {n.status === "UNCONFIRMED" ? "Retry…" : "Retry"}
        </Button>
      )}
      {CAN_CANCEL.has(n.status) && (
        <Button small look="bare" busy={cancel.busy} onClick={() => void act(cancel, "Cancelled")}>
          Cancel
        </Button>
      )}
      {doubting && (
        <Dialog
          open
          onClose={() => setDoubting(false)}
          title="It may have arrived already"
          description={`Nobody knows whether ${n.to} has this text. Sent again, they may get it twice.`}
        >
          <DialogActions>
            <Button onClick={() => setDoubting(false)}>Leave it</Button>
            <Button
              look="primary"
              onClick={() => {
                setDoubting(false);
                void act(retry, "Queued again");
              }}
            >
              Send it again
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </span>
  );
}

function Item({ notification: n, may }: { notification: Notification; may: boolean }) {
  const now = useNow();
  const [open, setOpen] = useState(false);
  return (
    <li data-testid="notification" data-state={n.status} className="grid gap-1 px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip tone={NOTIFICATION_STATUS[n.status] ?? "plain"}>{word(n.status)}</Chip>
        <button
          type="button"
          aria-expanded={open}
          aria-label={`${n.to}: its history`}
          onClick={() => setOpen(!open)}
          className="-ml-1 inline-flex items-center gap-0.5 text-sm font-medium tabular hover:text-accent"
        >
          <ChevronRight
            aria-hidden
            className={cx("size-4 text-muted transition-transform", open && "rotate-90")}
          />
          {n.to}
        </button>
        {n.priority !== "NORMAL" && (
          <Chip tone={n.priority === "HIGH" ? "accent" : "plain"}>{word(n.priority)}</Chip>
        )}
        <span
          className="text-[0.8125rem] text-muted"
          title={`Queued ${formatInstant(n.queuedAt)}, changed ${formatInstant(n.updatedAt)}`}
        >
          {n.channel === "SMS" ? "SMS" : "Studio flow"} · {formatAge(now - Date.parse(n.queuedAt))}{" "}
          ago
          {n.attempts > 0 && ` · ${n.attempts === 1 ? "1 attempt" : `${n.attempts} attempts`}`}
          {" · "}
          <span className="tabular">{formatPrice(n.price, n.currency)}</span>
          <Due notification={n} now={now} />
          {n.expiresAt && n.status === "QUEUED" && (
            <span title={formatInstant(n.expiresAt)}>
              {" "}
              · not after {formatInstant(n.expiresAt)}
            </span>
          )}
        </span>
        {may && <Actions notification={n} />}
      </div>
      <p className="text-sm [overflow-wrap:anywhere]">{n.body}</p>
      {n.error && (
        <p className="text-[0.8125rem] text-bad">
          {n.error.message} <span className="text-muted">({n.error.code})</span>
        </p>
      )}
      {open && <History notification={n} />}
    </li>
  );
}

export function Queue({
  notifications,
  may,
  filtered,
}: {
  notifications: readonly Notification[];
  /** The viewer may retry and cancel. */
  may: boolean;
  filtered: boolean;
}) {
  if (notifications.length === 0)
    return (
      <Empty
        title={filtered ? "No message is in such a state" : "Nothing was sent yet"}
        icon={<MessageSquareText className="size-7" strokeWidth={1.5} />}
      >
        {!filtered && "What you send is queued on disk first: it is not lost when the line is."}
      </Empty>
    );
  return (
    <ul className="divide-y divide-line">
      {notifications.map((notification) => (
        <Item key={notification.id} notification={notification} may={may} />
      ))}
    </ul>
  );
}
