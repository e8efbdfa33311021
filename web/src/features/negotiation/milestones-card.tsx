/** The approvals on the way to a signature. */
import { Check, CircleDashed, Clock3, RotateCcw, X } from "lucide-react";
import { announce } from "@/apollo/use-action";
import { Button, IconButton } from "@/design/button";
import { Chip } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Empty } from "@/design/states";
import { toast } from "@/design/toast";
import type {
  MilestoneDecision,
  MilestoneForListFragment,
  NegotiationForScreenFragment,
} from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { useNow } from "@/lib/clock";
import { daysUntil, formatDay, formatInstant } from "@/lib/dates";
import { APPROVERS, useMay } from "../shell/use-may";
import { word } from "../words";
import { useDecideMilestone } from "./use-decide-milestone";

function dueWords(due: string, now: number): string {
  const days = daysUntil(due, now);
  if (days === 0) return "due today";
  return days > 0 ? `due in ${days} d` : `${-days} d overdue`;
}

const DONE: Record<MilestoneDecision, string> = {
  APPROVE: "approved",
  REJECT: "rejected",
  REOPEN: "open again",
};

function Item({ milestone, may }: { milestone: MilestoneForListFragment; may: boolean }) {
  const { run, busy } = useDecideMilestone();
  const now = useNow();
  const { id, name, ownerRole, dueOn, status, late, decidedBy, decidedAt, note } = milestone;
  const pending = status === "PENDING";

  const decide = async (decision: MilestoneDecision) => {
    const { problem } = await run({ input: { milestoneId: id, decision } });
    if (problem) return announce(problem, () => void decide(decision));
    toast.done({
      id: `milestone-${id}`,
      title: `${name}: ${DONE[decision]}`,
      action:
        decision === "REOPEN" ? undefined : { label: "Undo", onClick: () => void decide("REOPEN") },
    });
  };

  return (
    <li className="flex items-center gap-3 py-2">
      <span
        aria-hidden
        className={cx(
          "grid size-7 shrink-0 place-items-center rounded-full",
          status === "APPROVED" && "bg-good/14 text-good",
          status === "REJECTED" && "bg-bad/14 text-bad",
          pending && (late ? "bg-warn/15 text-warn" : "bg-ink/7 text-muted"),
        )}
      >
        {status === "APPROVED" ? (
          <Check className="size-4" />
        ) : status === "REJECTED" ? (
          <X className="size-4" />
        ) : late ? (
          <Clock3 className="size-4" />
        ) : (
          <CircleDashed className="size-4" />
        )}
      </span>
      <div className="min-w-0 grow">
        <p className="text-sm font-medium">{name}</p>
        <p className="text-[0.8125rem] text-muted">
          {word(ownerRole)} ·{" "}
          {pending ? (
            <span className={late ? "font-medium text-warn" : ""} title={formatDay(dueOn)}>
              {dueWords(dueOn, now)}
            </span>
          ) : (
            <span title={formatInstant(decidedAt)}>
              {word(status)}
              {decidedBy ? ` by ${decidedBy}` : ""}
            </span>
          )}
          {note ? ` · ${note}` : ""}
        </p>
      </div>
      <div data-print="no" className="flex shrink-0 gap-1">
        {!may ? null : pending ? (
          <>
            <Button
              small
              disabled={busy}
              onClick={() => void decide("APPROVE")}
              aria-label={`Approve ${name}`}
            >
              Approve
            </Button>
            <IconButton
              label={`Reject ${name}`}
              disabled={busy}
              className="size-7"
              onClick={() => void decide("REJECT")}
            >
              <X className="size-4" />
            </IconButton>
          </>
        ) : (
          <IconButton
            label={`Open ${name} again`}
            disabled={busy}
            className="size-7"
            onClick={() => void decide("REOPEN")}
          >
            <RotateCcw className="size-3.5" />
          </IconButton>
        )}
      </div>
    </li>
  );
}

export function MilestonesCard({
  negotiation,
  className,
}: {
  negotiation: NegotiationForScreenFragment;
  className?: string;
}) {
  const { milestones } = negotiation;
  const may = useMay(APPROVERS);
  const late = milestones.filter((m) => m.late).length;
  const done = milestones.filter((m) => m.status === "APPROVED").length;
  return (
    <LiquidGlassCard
      className={className}
      title="Approvals"
      hint={milestones.length > 0 ? `${done} of ${milestones.length} approved` : undefined}
      actions={late > 0 && <Chip tone="warn">{late} late</Chip>}
    >
      {milestones.length === 0 ? (
        <Empty title="No approvals planned" />
      ) : (
        <ul className="divide-y divide-line">
          {milestones.map((milestone) => (
            <Item key={milestone.id} milestone={milestone} may={may} />
          ))}
        </ul>
      )}
    </LiquidGlassCard>
  );
}
