/** What the vendor sells: rack and contract rate of every SKU. */
import { BookOpenText, Lock } from "lucide-react";
import { useDeferredValue, useEffect, useMemo } from "react";
import { useSearchParams } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Price, Ratio } from "@/design/money";
import { PageTitle } from "@/design/page-title";
import { SearchBox } from "@/design/search-box";
import { Empty, Loaded } from "@/design/states";
import { CatalogDocument, type SkuForTableFragment as Sku } from "@/gql/graphql";
import { sign, toPixels } from "@/lib/decimal";
import { formatCount } from "@/lib/money";

const PAGE = 100;

/** For the eye: a share of two exact prices, to a tenth of a percent. */
function below(sku: Sku): string | null {
  if (sku.contractRate == null || sign(sku.listRate) <= 0) return null;
  return (1 - toPixels(sku.contractRate) / toPixels(sku.listRate)).toFixed(4);
}

function columns(currency: string): Column<Sku>[] {
  return [
    {
      key: "name",
      title: "SKU",
      value: (s) => s.name,
      cell: (s) => (
        <>
          <span className="font-medium">{s.name}</span>
          <code className="block text-xs text-muted">{s.key}</code>
        </>
      ),
    },
    { key: "key", title: "Key", value: (s) => s.key, className: "hidden" },
    { key: "family", title: "Family", value: (s) => s.family, className: "hidden" },
    { key: "unit", title: "Unit", value: (s) => s.unit, priority: 3 },
    {
      key: "listRate",
      title: "List",
      numeric: true,
      value: (s) => s.listRate,
      cell: (s) => <Price value={s.listRate} currency={currency} />,
    },
    {
      key: "contractRate",
      title: "Contract",
      numeric: true,
      value: (s) => s.contractRate,
      cell: (s) => (
        <span className="font-medium">
          <Price value={s.contractRate} currency={currency} />
        </span>
      ),
    },
    {
      key: "below",
      title: "Below list",
      numeric: true,
      value: below,
      cell: (s) => <Ratio value={below(s)} />,
      priority: 2,
    },
    {
      key: "kind",
      title: "Kind",
      value: (s) => (s.locked ? "locked" : s.passThrough ? "pass-through" : ""),
      cell: (s) => (
        <span className="flex gap-1">
          {s.locked && (
            <Chip tone="accent" icon={<Lock aria-hidden className="size-3" />}>
              locked
            </Chip>
          )}
          {s.passThrough && <Chip tone="cool">pass-through</Chip>}
        </span>
      ),
      priority: 2,
    },
  ];
}

function FamilyTitle({ name, count }: { name: string; count: number }) {
  return (
    <>
      {name}{" "}
      <span className="font-normal text-muted">{count === 1 ? "1 SKU" : `${count} SKUs`}</span>
    </>
  );
}

export default function CatalogScreen() {
  const [search, setSearch] = useSearchParams();
  const { data, fetchMore, ...screen } = useScreen(CatalogDocument, { first: PAGE });
  const skus = data?.negotiation?.skus;
  const after = skus?.pageInfo.hasNextPage ? skus.pageInfo.endCursor : null;
  const text = search.get("q") ?? "";
  const family = search.get("family") ?? "";
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const all = useMemo(() => skus?.edges.map(({ node }) => node) ?? [], [skus]);
  const families = useMemo(() => [...new Set(all.map((s) => s.family))].sort(), [all]);
  const rows = all.filter(
    (s) =>
      (!family || s.family === family) &&
      (!wanted || `${s.name} ${s.key} ${s.family}`.toLowerCase().includes(wanted)),
  );
  const table = columns(data?.negotiation?.currency ?? "USD");

  // The whole catalogue is small: have it, so that search finds everything.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each page that is missing
  useEffect(() => {
    if (after) void fetchMore({ after }).catch(() => {});
  }, [after]);

  const set = (name: string, value: string) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );

  return (
    <>
      <PageTitle>Catalog</PageTitle>
      <LiquidGlassCard
        title="Catalog"
        hint={
          skus
            ? `${formatCount(rows.length)} of ${formatCount(skus.totalCount)} SKUs, ${families.length} families`
            : undefined
        }
        flush
        actions={
          <>
            <SearchBox label="Search SKUs" value={text} onChange={(value) => set("q", value)} />
            <select
              aria-label="Family"
              value={family}
              onChange={(event) => set("family", event.target.value)}
              className="h-8 max-w-48 rounded-full bg-raised px-3 text-sm ring-1 ring-edge/40 ring-inset"
            >
              <option value="">All families</option>
              {families.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <CsvButton name="catalog" columns={table} rows={rows} />
          </>
        }
      >
        <Loaded
          screen={screen}
          part={data}
          what="The catalog is for the buyer’s people only"
          rows={10}
        >
          <DataTable
            testId="catalog-table"
            caption="SKUs with list and contract rate"
            columns={table}
            sections={families.flatMap((name) => {
              const own = rows.filter((s) => s.family === name);
              return own.length > 0
                ? [{ title: <FamilyTitle name={name} count={own.length} />, rows: own }]
                : [];
            })}
            rowKey={(s) => s.id}
            empty={
              all.length > 0 ? (
                <Empty title="No SKU fits">
                  <Button small onClick={() => setSearch({}, { replace: true })}>
                    Show all
                  </Button>
                </Empty>
              ) : (
                <Empty
                  title="No SKUs yet"
                  icon={<BookOpenText className="size-7" strokeWidth={1.5} />}
                >
                  They come with the contract and with imported usage.
                </Empty>
              )
            }
          />
        </Loaded>
      </LiquidGlassCard>
    </>
  );
}
