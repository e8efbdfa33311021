/** Which tier our trailing spend earns, what is missing to the next, and which days are not in it. */
import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { DiscountLadder } from "@/charts/discount-ladder";
import { Chip } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money, Ratio } from "@/design/money";
import { Empty } from "@/design/states";
import type { NegotiationForScreenFragment } from "@/gql/graphql";
import { formatDay, formatRange } from "@/lib/dates";
import { BASIS, word } from "../words";

function MissingDays({ days }: { days: readonly string[] }) {
  const [all, setAll] = useState(false);
  if (days.length === 0)
    return <p className="text-[0.8125rem] text-muted">Every day of the window has data.</p>;
  const shown = all ? days : days.slice(0, 5);
  return (
    <div className="flex flex-wrap items-center gap-1.5 text-[0.8125rem]">
      <span className="inline-flex items-center gap-1.5 font-medium text-warn">
        <TriangleAlert aria-hidden className="size-3.5" />
        {days.length === 1 ? "1 day is missing" : `${days.length} days are missing`}
      </span>
      <span className="text-muted">and not counted as zero:</span>
      {shown.map((day) => (
        <Chip key={day} tone="warn">
          {formatDay(day, false)}
        </Chip>
      ))}
      {days.length > shown.length && (
        <button type="button" className="text-accent hover:underline" onClick={() => setAll(true)}>
          and {days.length - shown.length} more
        </button>
      )}
    </div>
  );
}

export function LadderCard({ negotiation }: { negotiation: NegotiationForScreenFragment }) {
  const { ladder, trailing90: trailing, currency } = negotiation;
  const windowDays = ladder?.windowDays ?? 90;
  return (
    <LiquidGlassCard
      title="Ladder"
      hint={`Trailing ${windowDays} days, ${formatRange(trailing.from, trailing.to)}, ${BASIS[trailing.basis] ?? word(trailing.basis)}`}
    >
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-2">
        <p className="text-[1.75rem] leading-tight font-[560] tracking-[-0.025em]">
          <Money
            value={trailing.amount}
            currency={currency}
            testId="trailing-90-amount"
            highlight
          />
        </p>
        <p className="text-sm">
          {trailing.tier ? (
            <>
              Tier <strong className="font-semibold">{trailing.tier.name}</strong>,{" "}
              <Ratio value={trailing.tier.discount} /> off
            </>
          ) : (
            <span className="text-muted">Below the first tier</span>
          )}
        </p>
      </div>
      {ladder && ladder.tiers.length > 0 ? (
        <>
          <DiscountLadder
            steps={ladder.tiers}
            spend={trailing.amount}
            currency={currency}
            current={trailing.tier?.name ?? null}
          />
          <p className="well mb-3 px-3.5 py-2.5 text-sm">
            {trailing.nextTier && trailing.toNextTier != null ? (
              <>
                <strong className="font-semibold">
                  <Money value={trailing.toNextTier} currency={currency} />
                </strong>{" "}
                more in {windowDays} days reaches{" "}
                <strong className="font-semibold">{trailing.nextTier.name}</strong>:{" "}
                <Ratio value={trailing.nextTier.discount} /> off
                {ladder.application === "CLIFF" ? ", on everything" : ", on the spend above it"}.
              </>
            ) : (
              "The top tier: there is no further discount on this ladder."
            )}
          </p>
        </>
      ) : (
        <Empty title="No ladder in force">
          Discounts by spend appear here when the contract has them.
        </Empty>
      )}
      <MissingDays days={trailing.missingDays} />
    </LiquidGlassCard>
  );
}
