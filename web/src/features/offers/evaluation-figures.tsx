/** The figures of an evaluation in a list, each beside what it was. */
import { Chip } from "@/design/chip";
import { Money, Ratio } from "@/design/money";
import type { EvaluationForTableFragment } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { sign, subtract } from "@/lib/decimal";
import { formatPoints, formatSigned } from "@/lib/money";
import { VERDICT, word } from "../words";

type Evaluation = EvaluationForTableFragment;

const FIGURES: readonly {
  name: string;
  of: (e: Evaluation) => string | null | undefined;
  ratio?: boolean;
  /** Which way is good for us. */
  wanted: 1 | -1;
}[] = [
  { name: "Cost", of: (e) => e.cash, wanted: -1 },
  { name: "With its risk", of: (e) => e.certaintyEquivalent, wanted: -1 },
  { name: "Present value", of: (e) => e.npv, wanted: -1 },
  { name: "Effective discount", of: (e) => e.effectiveDiscount, ratio: true, wanted: 1 },
  { name: "P(shortfall)", of: (e) => e.shortfallProbability, ratio: true, wanted: -1 },
  { name: "Expected shortfall", of: (e) => e.expectedShortfall, wanted: -1 },
  { name: "P10", of: (e) => e.costP10, wanted: -1 },
  { name: "P50", of: (e) => e.costP50, wanted: -1 },
  { name: "P90", of: (e) => e.costP90, wanted: -1 },
  { name: "CVaR95", of: (e) => e.cvar95, wanted: -1 },
  { name: "Credits", of: (e) => e.credits, wanted: 1 },
];

export function EvaluationFigures({
  evaluation,
  base,
  currency,
  testId,
}: {
  evaluation: Evaluation;
  base?: Evaluation;
  currency: string;
  testId?: string;
}) {
  const verdict = VERDICT[evaluation.verdict];
  return (
    <div className="grid gap-3 text-sm" data-testid={testId}>
      <div>
        <Chip tone={verdict?.tone}>{verdict?.word ?? word(evaluation.verdict)}</Chip>
        <p className="mt-1.5 text-[0.8125rem] text-muted">
          {evaluation.reasons.map((r) => r.message).join(" ")}
        </p>
      </div>
      <table className="w-full">
        <caption className="sr-only">What it would cost</caption>
        <thead className={base ? "text-xs text-muted" : "sr-only"}>
          <tr>
            <th scope="col" className="text-left font-medium">
              Figure
            </th>
            {base && (
              <th scope="col" className="hidden text-right font-medium @md:table-cell">
                Base
              </th>
            )}
            <th scope="col" className="text-right font-medium">
              {base ? "So" : "Value"}
            </th>
            {base && (
              <th scope="col" className="text-right font-medium">
                Change
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {FIGURES.map(({ name, of, ratio, wanted }) => {
            const value = of(evaluation);
            const before = base && of(base);
            const change = value != null && before != null ? subtract(value, before) : null;
            const way = change === null ? 0 : sign(change) * wanted;
            const show = (v: string | null | undefined) =>
              ratio ? <Ratio value={v} /> : <Money value={v} currency={currency} />;
            return (
              <tr key={name}>
                <th
                  scope="row"
                  className="border-t border-line py-1.5 text-left font-normal text-muted"
                >
                  {name}
                </th>
                {base && (
                  <td className="hidden border-t border-line py-1.5 pl-3 text-right text-muted @md:table-cell">
                    {show(before)}
                  </td>
                )}
                <td
                  className={cx(
                    "border-t border-line py-1.5 pl-3 text-right",
                    (name === "Cost" || name === "With its risk") && "font-semibold",
                  )}
                >
                  {show(value)}
                </td>
                {base && (
                  <td
                    className={cx(
                      "border-t border-line py-1.5 pl-3 text-right tabular",
                      way > 0 ? "text-good" : way < 0 ? "text-bad" : "text-muted",
                    )}
                  >
                    {change === null
                      ? "–"
                      : sign(change) === 0
                        ? "="
                        : ratio
                          ? `${sign(change) > 0 ? "+" : "−"}${formatPoints(change)}`
                          : formatSigned(change, currency)}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
