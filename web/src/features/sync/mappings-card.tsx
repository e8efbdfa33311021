/** How Twilio's categories count; first those that nobody has decided about. */
import { CircleAlert, Tags } from "lucide-react";
import { lazy, Suspense, useDeferredValue, useState } from "react";
import { useSearchParams } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip, type Tone } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { SearchBox } from "@/design/search-box";
import { Empty, LoadedList } from "@/design/states";
import { ToggleChips } from "@/design/toggle-chips";
import {
  type MappingForTableFragment as Mapping,
  type UsageMappingRule,
  UsageMappingsDocument,
} from "@/gql/graphql";
import { formatDay, formatInstant } from "@/lib/dates";
import { formatCount, formatMoney, formatUnits } from "@/lib/money";

const MappingForm = lazy(() => import("./mapping-form"));
const PAGE = 20;

const RULE: Record<UsageMappingRule, { says: string; tone: Tone }> = {
  UNMAPPED: { says: "undecided", tone: "warn" },
  COUNT: { says: "counts", tone: "good" },
  IGNORE: { says: "ignored", tone: "plain" },
};
const RULES: readonly UsageMappingRule[] = ["UNMAPPED", "COUNT", "IGNORE"];

function columns(
  currency: string,
  onDecide: ((mapping: Mapping) => void) | null,
): Column<Mapping>[] {
  return [
    {
      key: "category",
      title: "Category",
      className: "min-w-44",
      value: (m) => m.category,
      cell: (m) => (
        <span className="font-medium [overflow-wrap:anywhere]">
          {m.category}
          {m.parent && (
            <span className="block text-[0.8125rem] font-normal text-muted">
              part of {m.parent}
            </span>
          )}
        </span>
      ),
    },
    {
      key: "rule",
      title: "Counts",
      value: (m) => m.rule,
      cell: (m) => {
        const look = RULE[m.rule];
        return m.isTotal ? (
          <Chip title="A sum of others: only its parts count">a sum</Chip>
        ) : (
          <Chip
            tone={look.tone}
            title={
              m.decidedBy && m.decidedAt
                ? `Decided by ${m.decidedBy}, ${formatInstant(m.decidedAt)}`
                : undefined
            }
          >
            {look.says}
          </Chip>
        );
      },
    },
    { key: "sku", title: "As", value: (m) => m.sku, priority: 2 },
    { key: "family", title: "Family", value: (m) => m.family, priority: 3 },
    {
      key: "quantity",
      title: "In 365 days",
      numeric: true,
      value: (m) => m.quantity,
      cell: (m) => formatUnits(m.quantity, m.unit),
      priority: 2,
    },
    {
      key: "billed",
      title: "Billed",
      numeric: true,
      value: (m) => m.billed,
      cell: (m) => formatMoney(m.billed, currency),
    },
    {
      key: "lastUsedOn",
      title: "Last used",
      value: (m) => m.lastUsedOn,
      cell: (m) => formatDay(m.lastUsedOn),
      priority: 3,
      className: "whitespace-nowrap",
    },
    ...(onDecide
      ? [
          {
            key: "action",
            title: "",
            value: () => "",
            numeric: true,
            cell: (m: Mapping) => (
              <span data-print="no">
                <Button
                  small
                  look={m.rule === "UNMAPPED" ? "primary" : "bare"}
                  aria-label={`Decide about ${m.category}`}
                  onClick={() => onDecide(m)}
                >
                  Decide…
                </Button>
              </span>
            ),
          },
        ]
      : []),
  ];
}

/** What nobody has decided about stands above the rest, whatever the page of the rest is. */
function Undecided({
  currency,
  onDecide,
}: {
  currency: string;
  onDecide: ((mapping: Mapping) => void) | null;
}) {
  const { data } = useScreen(UsageMappingsDocument, { first: PAGE, rule: "UNMAPPED" });
  const list = data?.usageMappings;
  if (!list || list.totalCount === 0) return null;
  const rows = list.edges.map(({ node }) => node);
  return (
    <div
      className="mx-4 mb-3 rounded-2xl bg-warn/10 py-2 @container sm:mx-5"
      data-testid="undecided"
    >
      <p className="flex items-start gap-2 px-4 py-1.5 text-sm font-medium">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
        {list.totalCount === 1
          ? "One category has usage that nobody has decided about: it counts in family other, at what was billed."
          : `${formatCount(list.totalCount)} categories have usage that nobody has decided about: they count in family other, at what was billed.`}
      </p>
      <DataTable
        caption="Undecided categories"
        stacked
        columns={columns(currency, onDecide)}
        rows={rows}
        rowKey={(m) => m.category}
      />
    </div>
  );
}

export function MappingsCard({ may, currency }: { may: boolean; currency: string }) {
  const [search, setSearch] = useSearchParams();
  const text = search.get("q") ?? "";
  const rule = RULES.find((known) => known === search.get("rule"));
  const wanted = useDeferredValue(text);
  const [decided, setDecided] = useState<Mapping | null>(null);
  const set = (name: string, value: string | null) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const { data, ...screen } = useScreen(UsageMappingsDocument, {
    first: PAGE,
    ...(rule ? { rule } : {}),
    ...(wanted ? { search: wanted } : {}),
  });
  const list = data?.usageMappings;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  const table = columns(currency, may ? setDecided : null);
  return (
    <LiquidGlassCard
      testId="mappings"
      title="What Twilio’s categories count as"
      hint={
        list
          ? `${formatCount(rows.length)} of ${formatCount(list.totalCount)}${rule || wanted ? ", filtered" : ""}`
          : undefined
      }
      flush
      actions={
        <>
          <SearchBox label="Search categories" value={text} onChange={(value) => set("q", value)} />
          <ToggleChips
            label="How it counts"
            options={RULES.map((value) => ({ value, label: RULE[value].says }))}
            chosen={rule ? [rule] : []}
            onToggle={(value) => set("rule", value === rule ? null : value)}
          />
          <CsvButton name="usage-mappings" columns={table} rows={rows} />
        </>
      }
    >
      {!rule && <Undecided currency={currency} onDecide={may ? setDecided : null} />}
      <LoadedList
        screen={screen}
        part={list}
        what="Mappings are for the buyer’s people only"
        rows={8}
      >
        <DataTable
          testId="mappings-table"
          stacked
          caption="Twilio’s categories"
          columns={table}
          rows={rows}
          rowKey={(m) => m.category}
          empty={
            <Empty title="No category fits" icon={<Tags className="size-7" strokeWidth={1.5} />}>
              Take a filter away to see more.
            </Empty>
          }
        />
      </LoadedList>
      <Suspense fallback={null}>
        {decided && <MappingForm mapping={decided} onClose={() => setDecided(null)} />}
      </Suspense>
    </LiquidGlassCard>
  );
}
