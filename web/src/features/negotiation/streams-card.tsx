/** The lines that the envelope is the sum of. */
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money, Price } from "@/design/money";
import { Empty } from "@/design/states";
import type { NegotiationForScreenFragment } from "@/gql/graphql";
import { compare, subtract } from "@/lib/decimal";
import { formatQuantity } from "@/lib/money";

type Stream = NegotiationForScreenFragment["streams"][number];

function columns(currency: string): Column<Stream>[] {
  return [
    {
      key: "name",
      title: "Stream",
      value: (s) => s.name,
      cell: (s) => <span className="font-medium">{s.name}</span>,
    },
    { key: "side", title: "Side", value: (s) => s.side, className: "hidden" },
    {
      key: "volume",
      title: "Volume",
      numeric: true,
      value: (s) => s.volume,
      cell: (s) => (
        <>
          {formatQuantity(s.volume)} <span className="text-muted">{s.unit}</span>
        </>
      ),
      priority: 2,
    },
    {
      key: "unitPrice",
      title: "Unit price",
      numeric: true,
      value: (s) => s.unitPrice,
      cell: (s) => <Price value={s.unitPrice} currency={currency} />,
      priority: 2,
    },
    {
      key: "listUnitPrice",
      title: "List price",
      numeric: true,
      value: (s) => s.listUnitPrice,
      cell: (s) => <Price value={s.listUnitPrice} currency={currency} />,
      priority: 3,
    },
    {
      key: "amount",
      title: "Amount",
      numeric: true,
      value: (s) => s.amount,
      cell: (s) => (
        <span className="font-medium">
          <Money value={s.amount} currency={currency} highlight />
        </span>
      ),
    },
    {
      key: "listAmount",
      title: "At list",
      numeric: true,
      value: (s) => s.listAmount,
      cell: (s) => <Money value={s.listAmount} currency={currency} />,
      priority: 3,
    },
    {
      key: "saved",
      title: "Below list",
      numeric: true,
      value: (s) => subtract(s.listAmount, s.amount),
      cell: (s) =>
        s.side === "REVENUE" && compare(s.listAmount, s.amount) !== 0 ? (
          <Money value={subtract(s.listAmount, s.amount)} currency={currency} />
        ) : (
          <span className="text-muted">–</span>
        ),
      priority: 3,
    },
  ];
}

function Total({
  side,
  envelope,
}: {
  side: Stream["side"];
  envelope: NegotiationForScreenFragment["envelope"];
}) {
  return (
    <span className="flex justify-between gap-4">
      <span>
        {side === "REVENUE" ? "Revenue" : "Expense"}{" "}
        <span className="font-normal text-muted">
          {side === "REVENUE" ? "what we pay" : "what it costs the vendor"}
        </span>
      </span>
      <Money
        value={side === "REVENUE" ? envelope.revenue : envelope.expense}
        currency={envelope.currency}
      />
    </span>
  );
}

export function StreamsCard({
  negotiation,
  className,
}: {
  negotiation: NegotiationForScreenFragment;
  className?: string;
}) {
  const { streams, envelope, currency } = negotiation;
  const table = columns(currency);
  return (
    <LiquidGlassCard
      className={className}
      title="Streams"
      hint="What the envelope is the sum of"
      flush
      actions={<CsvButton name="streams" columns={table} rows={streams} />}
    >
      <DataTable
        caption="Revenue and expense streams"
        columns={table}
        sections={(["REVENUE", "EXPENSE"] as const).flatMap((side) => {
          const own = streams.filter((s) => s.side === side);
          return own.length > 0
            ? [{ title: <Total side={side} envelope={envelope} />, rows: own }]
            : [];
        })}
        rowKey={(s) => `${s.side} ${s.name}`}
        empty={<Empty title="No streams">They come from usage and the rates in force.</Empty>}
      />
    </LiquidGlassCard>
  );
}
