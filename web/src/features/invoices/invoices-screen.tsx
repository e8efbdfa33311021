/** What was billed, what is still open, what is wrong with it in money, and the dispute. */
import { ChevronRight, ReceiptText, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useDeferredValue, useState } from "react";
import { Link, useSearchParams } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { Button, buttonClass } from "@/design/button";
import { Chip } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money } from "@/design/money";
import { PageTitle } from "@/design/page-title";
import { SearchBox } from "@/design/search-box";
import { Empty, LoadedList } from "@/design/states";
import { ToggleChips } from "@/design/toggle-chips";
import {
  type InvoiceForTableFragment as Invoice,
  type InvoiceStatus,
  InvoicesDocument,
  type InvoicesForTableFragment,
} from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { formatDay, formatRange } from "@/lib/dates";
import { sum } from "@/lib/decimal";
import { useToggles } from "@/lib/use-toggles";
import { ANALYSTS, useMay } from "../shell/use-may";
import { INVOICE_STATUS, word } from "../words";
import { recoverable } from "./findings";
import { canDispute, InvoiceDetail } from "./invoice-detail";
import { INVOICES_PAGE } from "./invoices";

const DisputeForm = lazy(() => import("./dispute-form"));
const STATUSES: readonly InvoiceStatus[] = ["DRAFT", "OPEN", "PAID", "DISPUTED", "CREDITED"];

function disputed(invoice: Invoice): string | null {
  const deltas = invoice.findings.flatMap(({ delta }) => (delta == null ? [] : [delta]));
  return deltas.length > 0 ? sum(deltas) : null;
}

function columns(actions: {
  open: string | null;
  onOpen: (id: string) => void;
  onDispute?: (invoice: Invoice) => void;
}): Column<Invoice>[] {
  return [
    {
      key: "number",
      title: "Number",
      value: (i) => i.number,
      cell: (i) => (
        <button
          type="button"
          aria-expanded={actions.open === i.id}
          onClick={() => actions.onOpen(i.id)}
          className="-ml-1 inline-flex items-center gap-1 text-left font-medium whitespace-nowrap hover:text-accent"
        >
          <ChevronRight
            aria-hidden
            className={cx(
              "size-4 shrink-0 text-muted transition-transform",
              actions.open === i.id && "rotate-90",
            )}
          />
          {i.number}
        </button>
      ),
    },
    {
      key: "period",
      title: "Period",
      value: (i) => i.periodStart,
      cell: (i) => formatRange(i.periodStart, i.periodEnd),
      priority: 2,
      className: "whitespace-nowrap",
    },
    { key: "periodEnd", title: "Period end", value: (i) => i.periodEnd, className: "hidden" },
    {
      key: "issued",
      title: "Issued",
      value: (i) => i.issuedOn,
      cell: (i) => formatDay(i.issuedOn),
      priority: 3,
      className: "whitespace-nowrap",
    },
    {
      key: "status",
      title: "Status",
      value: (i) => i.status,
      cell: (i) => <Chip tone={INVOICE_STATUS[i.status] ?? "plain"}>{word(i.status)}</Chip>,
    },
    {
      key: "amount",
      title: "Amount",
      numeric: true,
      value: (i) => i.amount,
      cell: (i) => (
        <span className="font-medium">
          <Money value={i.amount} currency={i.currency} highlight />
        </span>
      ),
    },
    { key: "currency", title: "Currency", value: (i) => i.currency, priority: 3 },
    {
      key: "findings",
      title: "Findings",
      numeric: true,
      value: (i) => disputed(i) ?? "0",
      cell: (i) => {
        const amount = disputed(i);
        if (i.findings.length === 0) return <span className="text-muted">none</span>;
        return (
          <span
            className="inline-flex items-center gap-1.5 text-warn"
            title={i.findings.map((f) => f.message).join("\n")}
          >
            <TriangleAlert aria-hidden className="size-3.5 self-center" />
            {i.findings.length}
            {amount !== null && (
              <>
                {" · "}
                <Money value={amount} currency={i.currency} />
              </>
            )}
          </span>
        );
      },
      priority: 2,
    },
    {
      key: "disputed",
      title: "Disputed",
      numeric: true,
      value: (i) => i.disputedAmount,
      cell: (i) => <Money value={i.disputedAmount} currency={i.currency} />,
      priority: 3,
    },
    {
      key: "action",
      title: "",
      value: () => "",
      numeric: true,
      cell: (i) =>
        !actions.onDispute || !canDispute(i) ? null : (
          <span data-print="no">
            <Button
              small
              look={i.findings.length > 0 ? "quiet" : "bare"}
              onClick={() => actions.onDispute?.(i)}
            >
              Dispute
            </Button>
          </span>
        ),
      priority: 2,
    },
  ];
}

function Totals({ totals }: { totals: InvoicesForTableFragment["totals"] }) {
  return (
    <div className="grid gap-3 sm:gap-4 lg:grid-cols-[repeat(auto-fit,minmax(20rem,1fr))]">
      {totals.map(({ currency, amount, outstanding, disputed: contested, count }) => (
        <section key={currency} aria-label={`Totals in ${currency}`} className="panel px-5 py-4">
          <h2 className="text-[0.8125rem] text-muted">
            <span className="font-medium text-ink">{currency}</span> ·{" "}
            {count === 1 ? "1 invoice" : `${count} invoices`}
          </h2>
          <dl className="mt-1 flex flex-wrap items-baseline gap-x-8 gap-y-2">
            {[
              ["billed", amount, "text-2xl"],
              ["outstanding", outstanding, "text-lg"],
              ["disputed", contested, "text-lg"],
            ].map(([name, value, size]) => (
              <div key={name} className="flex flex-col-reverse">
                <dt className="text-[0.8125rem] text-muted">{name}</dt>
                <dd className={cx("font-[560] tracking-[-0.02em]", size)}>
                  <Money value={value} currency={currency} highlight />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** What re-rating would get back, over the invoices that are on the screen. */
function Found({ invoices, all }: { invoices: readonly Invoice[]; all: number }) {
  const found = recoverable(invoices);
  if (found.length === 0) return null;
  return (
    <section
      aria-label="Found by re-rating"
      data-testid="recoverable"
      className="panel flex flex-wrap items-baseline gap-x-8 gap-y-2 px-5 py-4"
    >
      <h2 className="grow text-[0.8125rem] text-muted">
        Billed too much, by re-rating every line
        {invoices.length < all ? ` of the ${invoices.length} invoices shown` : ""}
      </h2>
      {found.map(({ currency, amount, findings, invoices: count, contested }) => (
        <p key={currency}>
          <span className="text-2xl font-[560] tracking-[-0.02em]">
            <Money value={amount} currency={currency} highlight />
          </span>{" "}
          <span className="text-[0.8125rem] text-muted">
            {findings === 1 ? "1 finding" : `${findings} findings`} on{" "}
            {count === 1 ? "1 invoice" : `${count} invoices`},{" "}
            <Money value={contested} currency={currency} /> of it in dispute
          </span>
        </p>
      ))}
    </section>
  );
}

function useFilter() {
  const [search, setSearch] = useSearchParams();
  const { chosen, toggle } = useToggles("status", STATUSES);
  const text = search.get("q") ?? "";
  const setText = (value: string) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        if (value) next.set("q", value);
        else next.delete("q");
        return next;
      },
      { replace: true },
    );
  return { text, statuses: chosen, setText, toggle };
}

export default function InvoicesScreen() {
  const filter = useFilter();
  const text = useDeferredValue(filter.text);
  const filtered = text !== "" || filter.statuses.length > 0;
  const { data, ...screen } = useScreen(InvoicesDocument, {
    first: INVOICES_PAGE,
    ...(filtered
      ? {
          filter: {
            ...(text ? { search: text } : {}),
            ...(filter.statuses.length > 0 ? { status: [...filter.statuses] } : {}),
          },
        }
      : {}),
  });
  const may = useMay(ANALYSTS);
  const [open, setOpen] = useState<string | null>(null);
  const [disputing, setDisputing] = useState<{ invoice: Invoice; only?: string } | null>(null);
  const list = data?.invoices;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  const table = columns({
    open,
    onOpen: (id) => setOpen((previous) => (previous === id ? null : id)),
    onDispute: may ? (invoice) => setDisputing({ invoice }) : undefined,
  });

  return (
    <>
      <PageTitle>Invoices</PageTitle>
      {list && list.totals.length > 0 && <Totals totals={list.totals} />}
      {list && <Found invoices={rows} all={list.totalCount} />}
      <LiquidGlassCard
        title="Invoices"
        hint={
          list ? `${rows.length} of ${list.totalCount}${filtered ? ", filtered" : ""}` : undefined
        }
        flush
        actions={
          <>
            <SearchBox label="Search invoices" value={filter.text} onChange={filter.setText} />
            <ToggleChips
              label="Status"
              options={STATUSES.map((value) => ({ value, label: word(value) }))}
              chosen={filter.statuses}
              onToggle={filter.toggle}
            />
            <CsvButton name="invoices" columns={table} rows={rows} />
          </>
        }
      >
        <LoadedList
          screen={screen}
          part={list}
          what="Invoices are for the buyer’s people only"
          rows={8}
        >
          <DataTable
            testId="invoices-table"
            caption="Invoices"
            columns={table}
            rows={rows}
            rowKey={(i) => i.id}
            detail={(i) =>
              open === i.id ? (
                <InvoiceDetail
                  invoice={i}
                  onDispute={may ? (only) => setDisputing({ invoice: i, only }) : undefined}
                />
              ) : null
            }
            empty={
              filtered ? (
                <Empty title="No invoice fits">Take a filter away to see more.</Empty>
              ) : (
                <Empty
                  title="No invoices yet"
                  icon={<ReceiptText className="size-7" strokeWidth={1.5} />}
                >
                  <p className="mb-4">
                    Import a list of invoices to see them beside what they should be.
                  </p>
                  <Link href="/import" className={buttonClass("primary")}>
                    Import invoices
                  </Link>
                </Empty>
              )
            }
          />
        </LoadedList>
      </LiquidGlassCard>
      <Suspense fallback={null}>
        {disputing && <DisputeForm {...disputing} onClose={() => setDisputing(null)} />}
      </Suspense>
    </>
  );
}
