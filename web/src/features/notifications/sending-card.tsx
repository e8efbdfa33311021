/** How sending stands: what waits, what it costs, what stops it, and the switch that stops it. */
import { CircleCheck, Pause, Play, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Dialog, DialogActions } from "@/design/dialog";
import { TextField } from "@/design/field";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { ProgressBar } from "@/design/progress-bar";
import { SkeletonRows } from "@/design/skeleton";
import { Refused } from "@/design/states";
import { toast } from "@/design/toast";
import { NotificationQueueDocument, type NotificationStatus } from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { formatCount, formatMoney } from "@/lib/money";
import { queueState, shareSpent } from "./queue-words";
import { NotificationQueueSubscriber } from "./subscriber";
import { usePause, useResume } from "./use-notify";

function PauseDialog({ onClose }: { onClose: () => void }) {
  const { run, busy } = usePause();
  const [reason, setReason] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const pause = async () => {
    if (reason.trim() === "") return setFailure("Say why: who comes next must know");
    const { problem } = await run({ reason: reason.trim() });
    if (problem) return setFailure(problem.message);
    toast.done({ title: "Sending is paused", detail: "What is queued waits." });
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Pause all sending?"
      description="What is under way is settled, what is queued waits. Everybody sees it, and anybody who may send can resume it."
    >
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void pause();
        }}
      >
        <TextField
          label="Why"
          value={reason}
          error={failure ?? undefined}
          onChange={(event) => setReason(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>Go on sending</Button>
          <Button type="submit" look="danger" busy={busy}>
            Pause
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function SendingCard({
  may,
  onShow,
}: {
  /** The viewer may pause and resume. */
  may: boolean;
  /** Show the messages of one state. */
  onShow: (status: NotificationStatus) => void;
}) {
  const { data, loading, problem, retry } = useScreen(NotificationQueueDocument);
  const resume = useResume();
  const [pausing, setPausing] = useState(false);
  const now = useNow();
  const queue = data?.notificationQueue;
  const resumeNow = async () => {
    const { problem: failure } = await resume.run({});
    if (failure) announce(failure, () => void resumeNow());
    else toast.done({ title: "Sending goes on" });
  };
  if (problem)
    return (
      <LiquidGlassCard title="Sending">
        <Refused
          problem={problem}
          what="How sending stands is for the buyer’s people only"
          onRetry={retry}
        />
      </LiquidGlassCard>
    );
  if (loading || !queue)
    return (
      <LiquidGlassCard title="Sending">
        <SkeletonRows rows={2} />
      </LiquidGlassCard>
    );
  const state = queueState(queue);
  const money = (value: string) => formatMoney(value, queue.currency);
  const few = (count: number, status: NotificationStatus): ReactNode =>
    count === 0 ? (
      "none"
    ) : (
      <button
        type="button"
        onClick={() => onShow(status)}
        className="underline decoration-line decoration-2 underline-offset-4 hover:decoration-accent"
      >
        {formatCount(count)}
        <span className="sr-only"> {status.toLowerCase()}, show them</span>
      </button>
    );
  const oldest = queue.oldestAt ? (
    <span title={formatInstant(queue.oldestAt)}>{formatAge(now - Date.parse(queue.oldestAt))}</span>
  ) : (
    "–"
  );
  const facts: [string, ReactNode][] = [
    ["Waiting", formatCount(queue.waiting)],
    ["Oldest", oldest],
    ["For later", formatCount(queue.scheduled)],
    ["Failed", few(queue.failed, "FAILED")],
    ["Unconfirmed", few(queue.unconfirmed, "UNCONFIRMED")],
    ["Sent in 24 h", formatCount(queue.sent)],
  ];
  return (
    <LiquidGlassCard
      testId="sending"
      title={
        <span className="flex items-center gap-2">
          Sending{" "}
          <Chip
            tone={state.tone}
            icon={
              queue.pause ? (
                <Pause aria-hidden className="size-3.5" />
              ) : state.tone === "good" ? (
                <CircleCheck aria-hidden className="size-3.5" />
              ) : (
                <TriangleAlert aria-hidden className="size-3.5" />
              )
            }
          >
            {state.word}
          </Chip>
        </span>
      }
      actions={
        may &&
        (queue.pause ? (
          <Button small look="primary" busy={resume.busy} onClick={() => void resumeNow()}>
            <Play aria-hidden className="size-3.5" />
            Resume
          </Button>
        ) : (
          <Button small onClick={() => setPausing(true)}>
            <Pause aria-hidden className="size-3.5" />
            Pause…
          </Button>
        ))
      }
    >
      <NotificationQueueSubscriber />
      {queue.pause && (
        <p
          role="status"
          data-testid="paused"
          className="mb-3 rounded-2xl bg-warn/12 px-4 py-2.5 text-sm [overflow-wrap:anywhere]"
        >
          <strong className="font-semibold">
            Paused by {queue.pause.by}{" "}
            <span title={formatInstant(queue.pause.since)}>
              {formatAge(now - Date.parse(queue.pause.since))} ago
            </span>
            :
          </strong>{" "}
          {queue.pause.reason}
        </p>
      )}
      <p className="text-sm">{state.says}</p>
      <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-3 @md:grid-cols-3 @3xl:grid-cols-6">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt className="text-[0.8125rem] text-muted">{name}</dt>
            <dd className="text-sm font-medium tabular">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="mt-4">
        <p className="flex flex-wrap justify-between gap-x-4 text-[0.8125rem] text-muted">
          <span>
            Spent in 24 h:{" "}
            <span className="font-medium text-ink tabular">{money(queue.spent)}</span> of{" "}
            {money(queue.budget)}
          </span>
          {queue.perSecond != null && <span>at most {queue.perSecond} a second</span>}
        </p>
        <div className="mt-1.5">
          <ProgressBar share={shareSpent(queue)} warn={shareSpent(queue) >= 1} />
        </div>
      </div>
      {pausing && <PauseDialog onClose={() => setPausing(false)} />}
    </LiquidGlassCard>
  );
}
