import { CircleAlert, CircleCheck, ShieldAlert, TriangleAlert } from "lucide-react";
import { Chip, TONE_TEXT } from "@/design/chip";
import { type Column, DataTable } from "@/design/data-table";
import { Money, Ratio } from "@/design/money";
import type { OffersQuery } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { formatDay } from "@/lib/dates";
import { compare, sign } from "@/lib/decimal";
import { OFFER_STATUS, VERDICT, word } from "../words";
import { lintMoney, type Offer } from "./offers";

type Round = NonNullable<OffersQuery["negotiation"]>["rounds"][number];

export function VerdictChip({ offer }: { offer: Offer }) {
  const { verdict, reasons } = offer.evaluation;
  const { word: says, tone } = VERDICT[verdict] ?? { word: word(verdict), tone: "plain" };
  const Icon =
    verdict === "ACCEPT" ? CircleCheck : verdict === "REJECT" ? CircleAlert : ShieldAlert;
  return (
    <Chip
      tone={tone}
      icon={<Icon aria-hidden className="size-3.5" />}
      title={reasons.map((r) => r.message).join("\n")}
    >
      {says}
    </Chip>
  );
}

/** A probability of paying for nothing: from a third on it is a warning, from two thirds an alarm. */
export function riskTone(probability: string): string {
  if (compare(probability, "0.66") >= 0) return "text-bad font-semibold";
  if (compare(probability, "0.33") >= 0) return "text-warn font-semibold";
  return "";
}

export function offerColumns(
  currency: string,
  actions?: {
    compared: readonly string[];
    onCompare: (id: string) => void;
    onOpen: (id: string) => void;
  },
): Column<Offer>[] {
  const money = (value: string) => <Money value={value} currency={currency} highlight />;
  const select: Column<Offer>[] = actions
    ? [
        {
          key: "compare",
          title: "",
          value: () => "",
          className: "w-8",
          cell: (o) => (
            <input
              type="checkbox"
              aria-label={`Compare ${o.title}`}
              checked={actions.compared.includes(o.id)}
              onChange={() => actions.onCompare(o.id)}
              className="block size-4 accent-accent"
            />
          ),
        },
      ]
    : [{ key: "round", title: "Round", value: (o) => o.round }];
  return [
    ...select,
    {
      key: "title",
      title: "Offer",
      value: (o) => o.title,
      className: "min-w-36 sm:min-w-44",
      cell: (o) => (
        <>
          <button
            type="button"
            onClick={() => actions?.onOpen(o.id)}
            className="text-left font-medium underline decoration-line decoration-2 underline-offset-4 hover:decoration-accent"
          >
            {o.title}
          </button>
          <span className="block text-[0.8125rem] text-muted">
            {o.from === "VENDOR" ? "from the vendor" : "ours"},{" "}
            <span className={TONE_TEXT[OFFER_STATUS[o.status] ?? "muted"]}>{word(o.status)}</span> ·{" "}
            {formatDay(o.createdAt.slice(0, 10), false)}
            {o.validUntil ? ` · until ${formatDay(o.validUntil, false)}` : ""}
          </span>
        </>
      ),
    },
    { key: "status", title: "Status", value: (o) => o.status, className: "hidden" },
    {
      key: "effective",
      title: "Effective",
      numeric: true,
      value: (o) => o.evaluation.effectiveDiscount,
      cell: (o) => (
        <span
          className={cx(
            "text-base font-semibold tracking-tight",
            o.evaluation.effectiveDiscount != null &&
              sign(o.evaluation.effectiveDiscount) < 0 &&
              "text-bad",
          )}
        >
          <Ratio value={o.evaluation.effectiveDiscount} />
        </span>
      ),
    },
    {
      key: "risk",
      title: "P(shortfall)",
      numeric: true,
      value: (o) => o.evaluation.shortfallProbability,
      cell: (o) => (
        <span className={riskTone(o.evaluation.shortfallProbability)}>
          <Ratio value={o.evaluation.shortfallProbability} />
        </span>
      ),
    },
    {
      key: "headline",
      title: "Headline",
      numeric: true,
      value: (o) => o.evaluation.headlineDiscount,
      cell: (o) => (
        <span className="text-muted">
          <Ratio value={o.evaluation.headlineDiscount} />
        </span>
      ),
    },
    {
      key: "cash",
      title: "Cost",
      numeric: true,
      value: (o) => o.evaluation.cash,
      cell: (o) => money(o.evaluation.cash),
    },
    {
      key: "shortfall",
      title: "Shortfall",
      numeric: true,
      value: (o) => o.evaluation.shortfall,
      cell: (o) => money(o.evaluation.shortfall),
      priority: 2,
    },
    {
      key: "npv",
      title: "Present value",
      numeric: true,
      value: (o) => o.evaluation.npv,
      cell: (o) => money(o.evaluation.npv),
      priority: 3,
    },
    {
      key: "lint",
      title: "Findings",
      numeric: true,
      value: lintMoney,
      cell: (o) => {
        if (o.lint.length === 0) return <span className="text-muted">none</span>;
        return (
          <span
            title={o.lint.map((f) => f.message).join("\n")}
            className={cx(
              "inline-flex items-center gap-1.5",
              o.lint.some((f) => f.severity === "ERROR") ? "text-bad" : "text-warn",
            )}
          >
            <TriangleAlert aria-hidden className="size-3.5 self-center" />
            {o.lint.length}
            {" · "}
            <Money value={lintMoney(o)} currency={currency} />
          </span>
        );
      },
      priority: 2,
    },
    {
      key: "verdict",
      title: "Verdict",
      value: (o) => o.evaluation.verdict,
      cell: (o) => <VerdictChip offer={o} />,
    },
  ];
}

export function OffersTable({
  rounds,
  currency,
  ...actions
}: {
  rounds: readonly Round[];
  currency: string;
  compared: readonly string[];
  onCompare: (id: string) => void;
  onOpen: (id: string) => void;
}) {
  const table = offerColumns(currency, actions);
  return (
    <DataTable
      testId="offers-table"
      caption="Offers by round"
      columns={table}
      sections={rounds.map(({ number, offers }) => ({
        title: (
          <>
            Round {number}{" "}
            <span className="font-normal text-muted">
              {offers.length === 1 ? "1 offer" : `${offers.length} offers`}
            </span>
          </>
        ),
        rows: offers,
      }))}
      rowKey={(o) => o.id}
    />
  );
}
