/** Offers side by side, line by line, the best of each line marked. */
import { Check, X } from "lucide-react";
import type { ReactNode } from "react";
import { CostFan } from "@/charts/cost-fan";
import { FanOverMonths } from "@/charts/fan-over-months";
import { IconButton } from "@/design/button";
import { Money, Ratio } from "@/design/money";
import { cx } from "@/lib/class-names";
import { word } from "../words";
import { best, lintMoney, type Offer } from "./offers";
import { riskTone, VerdictChip } from "./offers-table";

interface Line {
  name: string;
  value: (offer: Offer) => string | null | undefined;
  wanted?: "least" | "most";
  show: (value: string | null | undefined, offer: Offer) => ReactNode;
  lead?: boolean;
}

function lines(currency: string): Line[] {
  const money = (value: string | null | undefined) => <Money value={value} currency={currency} />;
  const ratio = (value: string | null | undefined) => <Ratio value={value} />;
  return [
    {
      name: "Effective discount",
      value: (o) => o.evaluation.effectiveDiscount,
      wanted: "most",
      show: ratio,
      lead: true,
    },
    { name: "Headline discount", value: (o) => o.evaluation.headlineDiscount, show: ratio },
    {
      name: "P(shortfall)",
      value: (o) => o.evaluation.shortfallProbability,
      wanted: "least",
      show: (value) => <span className={value ? riskTone(value) : ""}>{ratio(value)}</span>,
      lead: true,
    },
    { name: "Cost", value: (o) => o.evaluation.cash, wanted: "least", show: money, lead: true },
    { name: "Present value", value: (o) => o.evaluation.npv, wanted: "least", show: money },
    {
      name: "With its risk",
      value: (o) => o.evaluation.certaintyEquivalent,
      wanted: "least",
      show: money,
      lead: true,
    },
    { name: "P10", value: (o) => o.evaluation.costP10, wanted: "least", show: money },
    { name: "P50", value: (o) => o.evaluation.costP50, wanted: "least", show: money },
    { name: "P90", value: (o) => o.evaluation.costP90, wanted: "least", show: money },
    {
      name: "Dearest 5 % on average (CVaR95)",
      value: (o) => o.evaluation.cvar95,
      wanted: "least",
      show: money,
    },
    { name: "Shortfall", value: (o) => o.evaluation.shortfall, wanted: "least", show: money },
    {
      name: "Expected shortfall",
      value: (o) => o.evaluation.expectedShortfall,
      wanted: "least",
      show: money,
    },
    { name: "Credits", value: (o) => o.evaluation.credits, wanted: "most", show: money },
    { name: "At list", value: (o) => o.evaluation.listCost, show: money },
    { name: "Break-even spend", value: (o) => o.evaluation.breakEvenSpend, show: money },
    { name: "Months", value: (o) => String(o.evaluation.months), show: (value) => value },
    {
      name: "Findings, in money",
      value: lintMoney,
      wanted: "least",
      show: money,
    },
  ];
}

export function Comparison({
  offers,
  currency,
  onRemove,
}: {
  offers: readonly Offer[];
  currency: string;
  onRemove: (id: string) => void;
}) {
  return (
    <>
      <section
        aria-label="Comparison"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus
        tabIndex={0}
        className="overflow-x-auto"
      >
        <table
          className="w-full table-fixed text-sm"
          style={{ minWidth: `${9 + offers.length * 11}rem` }}
        >
          <caption className="sr-only">Offers side by side</caption>
          <thead>
            <tr>
              <th className="w-36 sm:w-44" aria-label="Line" />
              {offers.map((offer) => (
                <th key={offer.id} scope="col" className="px-3 pb-2 text-left align-top">
                  <span className="flex items-start gap-1">
                    <span className="min-w-0 grow font-semibold">
                      {offer.title}
                      <span className="block text-[0.8125rem] font-normal text-muted">
                        Round {offer.round}, {offer.from === "VENDOR" ? "vendor" : "ours"},{" "}
                        {word(offer.status)}
                      </span>
                    </span>
                    <IconButton
                      label={`Remove ${offer.title}`}
                      className="-mt-1 size-7"
                      onClick={() => onRemove(offer.id)}
                    >
                      <X className="size-3.5" />
                    </IconButton>
                  </span>
                  <VerdictChip offer={offer} />
                  <span className="mt-1 block text-[0.8125rem] font-normal text-muted">
                    {offer.evaluation.reasons.map((r) => r.message).join(" ")}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines(currency).map(({ name, value, wanted, show, lead }) => {
              const values = offers.map(value);
              const winner = wanted && offers.length > 1 ? best(values, wanted) : null;
              return (
                <tr key={name}>
                  <th
                    scope="row"
                    className="border-t border-line py-2 pr-3 pl-4 text-left font-normal text-muted sm:pl-5"
                  >
                    {name}
                  </th>
                  {offers.map((offer, i) => (
                    <td
                      key={offer.id}
                      className={cx(
                        "border-t border-line px-3 py-2 tabular",
                        lead && "text-base font-semibold tracking-tight",
                      )}
                    >
                      {show(values[i], offer)}
                      {winner === i && (
                        <span className="ml-2 inline-flex items-center gap-0.5 align-middle text-xs font-medium text-good">
                          <Check aria-hidden className="size-3.5" />
                          best
                        </span>
                      )}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
      <div className="px-4 pt-4 pb-3 sm:px-5">
        <h3 className="mb-1 text-[0.8125rem] font-semibold">
          Cost range <span className="font-normal text-muted">P10 to P90, the dot is P50</span>
        </h3>
        <CostFan
          currency={currency}
          ranges={offers.map((o) => ({
            id: o.id,
            name: o.title,
            p10: o.evaluation.costP10,
            p50: o.evaluation.costP50,
            p90: o.evaluation.costP90,
          }))}
        />
        <h3 className="mt-5 mb-1 text-[0.8125rem] font-semibold">
          Paid so far, month by month{" "}
          <span className="font-normal text-muted">the band is P10 to P90, the line P50</span>
        </h3>
        <FanOverMonths
          currency={currency}
          fans={offers.map((o) => ({
            id: o.id,
            name: o.title,
            months: o.evaluation.costFan,
          }))}
        />
      </div>
    </>
  );
}
