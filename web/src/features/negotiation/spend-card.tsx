/** Day by day: the spend that makes the trailing window, with its holes. */
import { useState } from "react";
import { SpendBars, type SpendDay } from "@/charts/spend-bars";
import { CsvButton } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Empty } from "@/design/states";
import type { LadderBasis, NegotiationForScreenFragment } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { eachDay } from "@/lib/dates";
import { BASIS } from "../words";

type Daily = NegotiationForScreenFragment["dailySpend"][number];

function amountOf(day: Daily, basis: LadderBasis): string | null {
  return (basis === "LIST" ? day.list : basis === "NET" ? day.net : day.billed) ?? null;
}

/** Every day of the window, null where there is no row for it. */
export function wholeWindow(
  daily: readonly Daily[],
  from: string,
  to: string,
  basis: LadderBasis,
): SpendDay[] {
  const byDay = new Map(daily.map((day) => [day.date, day]));
  return eachDay(from, to).map((day) => {
    const found = byDay.get(day);
    return { day, amount: found && found.rows > 0 ? amountOf(found, basis) : null };
  });
}

export function SpendCard({
  negotiation,
  className,
}: {
  negotiation: NegotiationForScreenFragment;
  className?: string;
}) {
  const { dailySpend, trailing90, currency } = negotiation;
  const [basis, setBasis] = useState<LadderBasis>(trailing90.basis);
  const billed = dailySpend.some((day) => day.billed != null);
  return (
    <LiquidGlassCard
      className={className}
      title="Daily spend"
      hint={BASIS[basis]}
      actions={
        <>
          <fieldset className="well flex p-0.5">
            <legend className="sr-only">Basis</legend>
            {(["LIST", "NET", "BILLED"] as const).map((option) => (
              <button
                key={option}
                type="button"
                aria-pressed={basis === option}
                disabled={option === "BILLED" && !billed}
                onClick={() => setBasis(option)}
                className={cx(
                  "rounded-xl px-2.5 py-1 text-[0.8125rem] capitalize disabled:opacity-45",
                  basis === option
                    ? "bg-raised font-medium shadow-sm"
                    : "text-muted hover:text-ink",
                )}
              >
                {option.toLowerCase()}
              </button>
            ))}
          </fieldset>
          <CsvButton
            name="daily-spend"
            rows={dailySpend}
            columns={(["date", "list", "net", "billed", "rows"] as const).map((key) => ({
              key,
              title: key,
              value: (row: Daily) => row[key],
            }))}
          />
        </>
      }
    >
      {dailySpend.length === 0 ? (
        <Empty title="No usage in this window">Import a usage export, or drop one anywhere.</Empty>
      ) : (
        <SpendBars
          days={wholeWindow(dailySpend, trailing90.from, trailing90.to, basis)}
          currency={currency}
          name={basis.toLowerCase()}
        />
      )}
    </LiquidGlassCard>
  );
}
