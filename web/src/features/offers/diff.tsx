/** From one offer to another: which terms change, what each change alone does, and what each month pays. */
import { useState } from "react";
import { useScreen } from "@/apollo/use-screen";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { SelectField } from "@/design/field";
import { SkeletonRows } from "@/design/skeleton";
import { Refused } from "@/design/states";
import { OfferDiffDocument, type OfferDiffQuery } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { formatMonth } from "@/lib/dates";
import { sign } from "@/lib/decimal";
import { formatMoney, formatSigned } from "@/lib/money";
import type { Offer } from "./offers";
import { inWords } from "./terms";

type Diff = NonNullable<OfferDiffQuery["negotiation"]>["offerDiff"];
type Month = Diff["months"][number];

function Difference({ value, currency }: { value: string; currency: string }) {
  const way = sign(value);
  return (
    <data value={value} className={cx("tabular", way > 0 && "text-bad", way < 0 && "text-good")}>
      {formatSigned(value, currency)}
      <span className="sr-only">{way > 0 ? " dearer" : way < 0 ? " cheaper" : ""}</span>
    </data>
  );
}

export function monthColumns(currency: string): Column<Month>[] {
  return [
    {
      key: "month",
      title: "Month",
      value: (m) => m.month,
      cell: (m) => <span className="whitespace-nowrap">{formatMonth(m.month)}</span>,
    },
    {
      key: "before",
      title: "Before",
      numeric: true,
      value: (m) => m.before,
      cell: (m) => formatMoney(m.before, currency),
    },
    {
      key: "after",
      title: "After",
      numeric: true,
      value: (m) => m.after,
      cell: (m) => formatMoney(m.after, currency),
    },
    {
      key: "delta",
      title: "Change",
      numeric: true,
      value: (m) => m.delta,
      cell: (m) => <Difference value={m.delta} currency={currency} />,
    },
  ];
}

function Terms({ diff, currency }: { diff: Diff; currency: string }) {
  if (diff.terms.length === 0)
    return <p className="px-4 text-sm text-muted sm:px-5">The terms are the same.</p>;
  return (
    <ul className="divide-y divide-line text-sm">
      {diff.terms.map(({ before, after, changed, cash }, i) => {
        const [was] = inWords(before ? [before] : [], currency);
        const [is] = inWords(after ? [after] : [], currency);
        return (
          <li
            // biome-ignore lint/suspicious/noArrayIndexKey: the changes keep their order
            key={i}
            className="grid gap-x-4 gap-y-1 px-4 py-2.5 sm:grid-cols-[8rem_1fr_auto] sm:px-5"
          >
            <span>
              <span className="block font-medium">{(is ?? was)?.kind}</span>
              <span className="text-xs text-muted">
                {before ? (after ? changed.join(", ").replaceAll("_", " ") : "gone") : "new"}
              </span>
            </span>
            <span className="min-w-0">
              {was && <del className="block text-muted">{was.says.join("; ")}</del>}
              {is && <ins className="block no-underline">{is.says.join("; ")}</ins>}
            </span>
            <span className="font-semibold sm:text-right">
              <Difference value={cash} currency={currency} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

export function DiffOf({ a, b, currency }: { a: Offer; b: Offer; currency: string }) {
  const { data, loading, problem, retry } = useScreen(OfferDiffDocument, { a: a.id, b: b.id });
  const diff = data?.negotiation?.offerDiff;
  if (problem)
    return <Refused problem={problem} what="What changes between offers" onRetry={retry} />;
  if (loading || !diff) return <SkeletonRows rows={5} />;
  const columns = monthColumns(currency);
  return (
    <>
      <dl className="grid grid-cols-2 gap-4 px-4 py-2 sm:grid-cols-4 sm:px-5">
        {(
          [
            ["Cost", diff.cash],
            ["Present value", diff.npv],
            ["Shortfall", diff.shortfall],
            ["Credits", diff.credits],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt className="text-[0.8125rem] text-muted">{name}</dt>
            <dd className="text-lg font-semibold tracking-tight">
              {name === "Credits" ? (
                <data value={value}>{formatSigned(value, currency)}</data>
              ) : (
                <Difference value={value} currency={currency} />
              )}
            </dd>
          </div>
        ))}
      </dl>
      <h3 className="px-4 pt-3 pb-1 text-[0.8125rem] font-semibold sm:px-5">
        Terms{" "}
        <span className="font-normal text-muted">
          what each change alone does to the cost; together they may do more or less
        </span>
      </h3>
      <Terms diff={diff} currency={currency} />
      <h3 className="flex items-center gap-2 px-4 pt-4 text-[0.8125rem] font-semibold sm:px-5">
        <span className="grow">Month by month</span>
        <CsvButton name="offer-difference" columns={columns} rows={diff.months} />
      </h3>
      <DataTable
        caption="Month by month, before and after"
        testId="offer-diff-months"
        columns={columns}
        rows={diff.months}
        rowKey={(m) => m.month}
      />
    </>
  );
}

/** Two of the compared offers; the first two until one chooses. */
export default function OfferDifference({
  offers,
  currency,
}: {
  offers: readonly Offer[];
  currency: string;
}) {
  const [from, setFrom] = useState<string | null>(null);
  const [to, setTo] = useState<string | null>(null);
  const a = offers.find(({ id }) => id === from) ?? offers[0];
  const b =
    offers.find(({ id }) => id === to && id !== a?.id) ?? offers.find(({ id }) => id !== a?.id);
  if (!a || !b) return null;
  const pick = (label: string, value: string, set: (id: string) => void) => (
    <SelectField label={label} value={value} onChange={(event) => set(event.target.value)}>
      {offers.map(({ id, title, round }) => (
        <option key={id} value={id}>
          Round {round}: {title}
        </option>
      ))}
    </SelectField>
  );
  return (
    <div data-testid="offer-diff">
      {offers.length > 2 && (
        <div className="grid gap-3 px-4 pb-3 sm:grid-cols-2 sm:px-5">
          {pick("From", a.id, setFrom)}
          {pick("To", b.id, setTo)}
        </div>
      )}
      <DiffOf a={a} b={b} currency={currency} />
    </div>
  );
}
