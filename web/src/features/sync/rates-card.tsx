/** Our list rates against those that Twilio publishes; what differs can be taken over, and where a price stands be said. */
import { BadgePercent } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip, type Tone } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Empty, LoadedList } from "@/design/states";
import { toast } from "@/design/toast";
import { ToggleChips } from "@/design/toggle-chips";
import {
  type ListRateStatus,
  ListRatesDocument,
  type RateForTableFragment as Rate,
} from "@/gql/graphql";
import { formatInstant } from "@/lib/dates";
import { formatCount, formatPrice } from "@/lib/money";
import { linkInWords } from "./price-link";
import { useApplyRates } from "./use-sync";

const PriceLinkForm = lazy(() => import("./price-link-form"));
const PAGE = 20;
const STATUS: Record<ListRateStatus, { says: string; tone: Tone }> = {
  CHANGED: { says: "differs", tone: "warn" },
  UNCHANGED: { says: "the same", tone: "good" },
  UNKNOWN: { says: "not known", tone: "plain" },
};
const STATUSES: readonly ListRateStatus[] = ["CHANGED", "UNCHANGED", "UNKNOWN"];

/** On the screen it stands with the state it explains. */
const WHY: Column<Rate> = { key: "message", title: "Why", value: (r) => r.message };

/** What a person can do with a rate. */
interface Acts {
  onApply: (rate: Rate) => void;
  onLink: (rate: Rate) => void;
}

/** One price, or the range of those that fit where no one of them can be told. */
function published(rate: Rate, currency: string): string {
  const { theirs, low, high } = rate;
  const price = (value: string) => formatPrice(value, rate.currency ?? currency);
  if (theirs != null) return price(theirs);
  return low != null && high != null ? `${price(low)} to ${price(high)}` : "–";
}

function columns(currency: string, acts: Acts | null): Column<Rate>[] {
  return [
    {
      key: "sku",
      title: "SKU",
      className: "min-w-44",
      value: (r) => r.sku,
      cell: (r) => (
        <span className="font-medium">
          {r.name}
          <span className="block text-[0.8125rem] font-normal text-muted">{linkInWords(r)}</span>
        </span>
      ),
    },
    {
      key: "status",
      title: "Against theirs",
      value: (r) => r.status,
      cell: (r) => (
        <span>
          <Chip tone={STATUS[r.status].tone} title={r.message}>
            {STATUS[r.status].says}
          </Chip>
          {r.status === "UNKNOWN" && (
            <span className="mt-0.5 block max-w-80 text-[0.8125rem] text-muted">{r.message}</span>
          )}
        </span>
      ),
    },
    {
      key: "ours",
      title: "Our list",
      numeric: true,
      value: (r) => r.ours,
      cell: (r) => formatPrice(r.ours, currency),
    },
    {
      key: "theirs",
      title: "Published",
      numeric: true,
      value: (r) => r.theirs,
      cell: (r) => published(r, currency),
    },
    {
      key: "readAt",
      title: "Read",
      value: (r) => r.readAt,
      cell: (r) => formatInstant(r.readAt),
      priority: 3,
    },
    ...(acts
      ? [
          {
            key: "action",
            title: "",
            value: () => "",
            numeric: true,
            cell: (r: Rate) => (
              <span data-print="no" className="inline-flex gap-1">
                {r.status === "CHANGED" && (
                  <Button small aria-label={`Take over ${r.sku}`} onClick={() => acts.onApply(r)}>
                    Take over
                  </Button>
                )}
                <Button
                  small
                  look="bare"
                  aria-label={`Link ${r.sku} to its price`}
                  onClick={() => acts.onLink(r)}
                >
                  Link…
                </Button>
              </span>
            ),
          },
        ]
      : []),
  ];
}

export function RatesCard({ may, currency }: { may: boolean; currency: string }) {
  const [status, setStatus] = useState<ListRateStatus | null>(null);
  const [linking, setLinking] = useState<{ rate: Rate | null } | null>(null);
  const { data, ...screen } = useScreen(ListRatesDocument, {
    first: PAGE,
    ...(status ? { status } : {}),
  });
  const apply = useApplyRates();
  const list = data?.listRates;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  const changed = rows.filter((rate) => rate.status === "CHANGED").length;
  const take = async (skus: string[] | null) => {
    const { data: done, problem: failure } = await apply.run({ input: { skus } });
    if (failure) return announce(failure, () => void take(skus));
    const applied = done?.applyListRates.applied.length ?? 0;
    toast.done({
      title: applied === 1 ? "One list rate taken over" : `${applied} list rates taken over`,
      detail: "Every figure at list prices follows it.",
    });
  };
  const acts: Acts = {
    onApply: ({ sku }) => void take([sku]),
    onLink: (rate) => setLinking({ rate }),
  };
  const table = columns(currency, may ? acts : null);
  return (
    <LiquidGlassCard
      testId="list-rates"
      title="List rates against Twilio’s own"
      hint={
        list
          ? `${formatCount(rows.length)} of ${formatCount(list.totalCount)}, as they were last read`
          : undefined
      }
      flush
      actions={
        <>
          <ToggleChips
            label="Against theirs"
            options={STATUSES.map((value) => ({ value, label: STATUS[value].says }))}
            chosen={status ? [status] : []}
            onToggle={(value) => setStatus(value === status ? null : value)}
          />
          {may && changed > 1 && (
            <Button small busy={apply.busy} onClick={() => void take(null)}>
              Take over all that differ
            </Button>
          )}
          {may && (
            <Button small onClick={() => setLinking({ rate: null })}>
              Link a SKU…
            </Button>
          )}
          <CsvButton name="list-rates" columns={[...table, WHY]} rows={rows} />
        </>
      }
    >
      <LoadedList
        screen={screen}
        part={list}
        what="List rates are for the buyer’s people only"
        rows={6}
      >
        <DataTable
          testId="list-rates-table"
          stacked
          caption="List rates, ours and theirs"
          columns={table}
          rows={rows}
          rowKey={(r) => r.sku}
          empty={
            <Empty
              title={status ? "No list rate is so" : "No SKU is linked to a published price"}
              icon={<BadgePercent className="size-7" strokeWidth={1.5} />}
            >
              {!status && "Once one is, the next import reads what Twilio asks for it."}
            </Empty>
          }
        />
      </LoadedList>
      <Suspense fallback={null}>
        {linking && <PriceLinkForm rate={linking.rate} onClose={() => setLinking(null)} />}
      </Suspense>
    </LiquidGlassCard>
  );
}
