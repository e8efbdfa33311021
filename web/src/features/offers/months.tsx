/** An offer's months and the intervals of its commitments, as tables that can be taken away. */
import { CircleHelp } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { MonthStack } from "@/charts/month-stack";
import { IconButton } from "@/design/button";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { Money, Ratio } from "@/design/money";
import { SkeletonRows } from "@/design/skeleton";
import type { OfferDetailQuery } from "@/gql/graphql";
import { formatDay, formatMonth, formatRange } from "@/lib/dates";
import { sign, subtract } from "@/lib/decimal";

const OfferWhy = lazy(() => import("./offer-why"));

type Evaluation = NonNullable<NonNullable<OfferDetailQuery["negotiation"]>["offer"]>["evaluation"];
type Month = Evaluation["monthly"][number];
type Interval = Evaluation["intervals"][number];

/** The day before: the interval's last. */
function lastDay(end: string): string {
  return new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10);
}

function MonthsTable({
  months,
  currency,
  onWhy,
}: {
  months: readonly Month[];
  currency: string;
  onWhy: (month: string) => void;
}) {
  const money = (key: keyof Month & string, title: string, priority?: 2 | 3): Column<Month> => ({
    key,
    title,
    numeric: true,
    priority,
    value: (m) => m[key] as string,
    cell: (m) => <Money value={m[key] as string} currency={currency} />,
  });
  const columns: Column<Month>[] = [
    {
      key: "month",
      title: "Month",
      value: (m) => m.month,
      cell: (m) => <span className="whitespace-nowrap">{formatMonth(m.month)}</span>,
    },
    money("list", "List"),
    {
      key: "tier",
      title: "Tier",
      value: (m) => m.tier,
      cell: (m) => (
        <span className="whitespace-nowrap">
          {m.tier ?? "–"} <Ratio value={m.discount} className="text-muted" />
        </span>
      ),
      priority: 2,
    },
    money("net", "Net", 2),
    money("passThrough", "Pass-through", 3),
    money("credits", "Credits", 2),
    {
      ...money("shortfall", "Shortfall"),
      cell: (m) => (
        <span className={sign(m.shortfall) > 0 ? "font-semibold text-bad" : "text-muted"}>
          <Money value={m.shortfall} currency={currency} />
        </span>
      ),
    },
    {
      ...money("cash", "Cash"),
      cell: (m) => (
        <span className="font-semibold">
          <Money value={m.cash} currency={currency} />
        </span>
      ),
    },
    {
      key: "dueOn",
      title: "Due",
      value: (m) => m.dueOn,
      cell: (m) => formatDay(m.dueOn),
      priority: 3,
    },
    {
      key: "why",
      title: "",
      value: () => "",
      cell: (m) => (
        <IconButton
          label={`Why these figures? ${formatMonth(m.month)}`}
          className="-my-1.5 size-8"
          onClick={() => onWhy(m.month)}
        >
          <CircleHelp className="size-4" />
        </IconButton>
      ),
    },
  ];
  return (
    <div>
      <div data-print="no" className="flex justify-end px-4 sm:px-5">
        <CsvButton name="offer-months" columns={columns} rows={months} />
      </div>
      <DataTable
        testId="offer-months"
        caption="Month by month"
        columns={columns}
        rows={months}
        rowKey={(m) => m.month}
      />
    </div>
  );
}

function IntervalsTable({
  intervals,
  currency,
}: {
  intervals: readonly Interval[];
  currency: string;
}) {
  const money = (key: keyof Interval & string, title: string, priority?: 2): Column<Interval> => ({
    key,
    title,
    numeric: true,
    priority,
    value: (i) => i[key],
    cell: (i) => <Money value={i[key]} currency={currency} />,
  });
  const columns: Column<Interval>[] = [
    {
      key: "first",
      title: "Interval",
      value: (i) => i.first,
      cell: (i) => formatRange(i.first, lastDay(i.end)),
    },
    money("committed", "Committed"),
    money("burn", "Burned"),
    money("carriedIn", "Carried in", 2),
    {
      key: "over",
      title: "Over or under",
      numeric: true,
      priority: 2,
      value: (i) => subtract(i.burn, i.committed),
      cell: (i) => <Money value={subtract(i.burn, i.committed)} currency={currency} />,
    },
    money("shortfall", "Missing"),
    {
      ...money("charge", "Charged"),
      cell: (i) => (
        <span className={sign(i.charge) > 0 ? "font-semibold text-bad" : ""}>
          <Money value={i.charge} currency={currency} />
        </span>
      ),
    },
  ];
  return (
    <DataTable
      testId="offer-intervals"
      caption="Commitment, interval by interval"
      columns={columns}
      rows={intervals}
      rowKey={(i) => `${i.commitmentId} ${i.first}`}
    />
  );
}

export default function Months({
  id,
  evaluation,
  currency,
}: {
  id: string;
  evaluation: Evaluation | undefined;
  currency: string;
}) {
  const [asked, setAsked] = useState<string | null>(null);
  if (!evaluation) return <SkeletonRows rows={8} />;
  const { monthly, intervals } = evaluation;
  return (
    <>
      <MonthStack
        currency={currency}
        months={monthly.map((m) => ({ ...m, tier: m.tier ?? null }))}
      />
      <div className="-mx-4 mt-5 sm:-mx-5">
        <MonthsTable months={monthly} currency={currency} onWhy={setAsked} />
      </div>
      <h3 className="mt-6 mb-2 text-[0.8125rem] font-semibold">
        Commitment, interval by interval{" "}
        <span className="font-normal text-muted">what usage burns, before credits</span>
      </h3>
      {intervals.length > 0 ? (
        <div className="-mx-4 sm:-mx-5">
          <IntervalsTable intervals={intervals} currency={currency} />
        </div>
      ) : (
        <p className="text-sm text-muted">Nothing is committed.</p>
      )}
      <Suspense fallback={null}>
        {asked && <OfferWhy id={id} month={asked} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}
