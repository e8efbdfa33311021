/** What only we may know: our limits, our target of each round, the room for a deal. */
import { CircleHelp, PenLine, ShieldCheck } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Link } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { CostFan } from "@/charts/cost-fan";
import { Button, IconButton } from "@/design/button";
import { Chip } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money, Ratio } from "@/design/money";
import { PageTitle } from "@/design/page-title";
import { Empty, Loaded } from "@/design/states";
import { PositionDocument, type PositionForScreenFragment } from "@/gql/graphql";
import { formatMonth } from "@/lib/dates";
import { formatQuantity, formatRatio } from "@/lib/money";
import { NEGOTIATORS, useMay } from "../shell/use-may";
import { POSITION_FIELDS } from "./position-fields";

const Why = lazy(() => import("../negotiation/why"));
const PositionForm = lazy(() => import("./position-form"));

type Shown = PositionForScreenFragment;
type Point = NonNullable<Shown["targetCurve"]>[number];
type Trace = NonNullable<Shown["limits"]>["trace"];

function Figure({ name, children, lead }: { name: string; children: ReactNode; lead?: boolean }) {
  return (
    <div className="min-w-0">
      <dt className="text-[0.8125rem] text-muted">{name}</dt>
      <dd
        className={`font-semibold tracking-tight [overflow-wrap:anywhere] ${lead ? "text-2xl" : "text-lg"}`}
      >
        {children}
      </dd>
    </div>
  );
}

function Limits({ shown, onWhy }: { shown: Shown; onWhy: (trace: Trace) => void }) {
  const { limits, currency } = shown;
  return (
    <LiquidGlassCard
      title="Our limits"
      hint={
        limits
          ? `As costs with their risk, ${limits.months} months from ${formatMonth(limits.start)}; round ${limits.round}`
          : undefined
      }
      testId="limits"
      actions={
        limits && (
          <IconButton label="Why these figures? Our limits" onClick={() => onWhy(limits.trace)}>
            <CircleHelp className="size-4.5" />
          </IconButton>
        )
      }
    >
      {limits ? (
        <dl className="grid grid-cols-2 gap-4">
          <Figure name="We settle for, in this round" lead>
            <Money value={limits.target} currency={currency} highlight />
          </Figure>
          <Figure name="The most we pay" lead>
            <Money value={limits.reservation} currency={currency} highlight />
          </Figure>
          <Figure name="Without a deal (BATNA)">
            <Money value={limits.batna} currency={currency} />
          </Figure>
          <Figure name="Our best offer so far">
            <Money value={limits.best} currency={currency} />
          </Figure>
        </dl>
      ) : (
        <Empty title="No limits yet">
          They need an offer on the table and usage to price it on.
        </Empty>
      )}
    </LiquidGlassCard>
  );
}

function Room({ shown }: { shown: Shown }) {
  const { zopa, limits, currency } = shown;
  return (
    <LiquidGlassCard
      title="Room for a deal"
      hint="From the least the vendor takes, on our estimate of its cost, to the most we pay"
      testId="zopa"
      actions={
        zopa && (
          <Chip tone={zopa.exists ? "good" : "bad"}>
            {zopa.exists ? "there is room" : "no room"}
          </Chip>
        )
      }
    >
      {!zopa ? (
        <Empty title="Not known yet">It needs an offer of the vendor’s.</Empty>
      ) : (
        <div className="grid gap-4">
          <dl className="grid gap-x-4 gap-y-2 @md:grid-cols-3">
            <Figure name="Least, if its cost is high">
              <Money value={zopa.high} currency={currency} />
            </Figure>
            <Figure name="Room">
              <Money value={zopa.mid} currency={currency} highlight />
            </Figure>
            <Figure name="Most, if its cost is low">
              <Money value={zopa.low} currency={currency} />
            </Figure>
          </dl>
          <CostFan
            currency={currency}
            words={["Low", "Middle", "High"]}
            ranges={[
              {
                id: "vendor",
                name: "The vendor takes at least",
                p10: zopa.vendorLeastLow,
                p50: zopa.vendorLeastMid,
                p90: zopa.vendorLeastHigh,
              },
              ...(limits
                ? [
                    {
                      id: "ours",
                      name: "We pay: best offer, target, most",
                      p10: limits.best,
                      p50: limits.target,
                      p90: zopa.ourMost,
                    },
                  ]
                : []),
            ]}
          />
          {zopa.notices.map((notice) => (
            <p key={notice.code} className="text-[0.8125rem] text-muted">
              {notice.message}
            </p>
          ))}
          {zopa.openers.length > 0 && (
            <ul className="grid gap-1.5 text-sm">
              {zopa.openers.map((opener) => (
                <li key={`${opener.termIds.join()} ${opener.field}`} className="well px-3.5 py-2">
                  {opener.message}
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </LiquidGlassCard>
  );
}

function Curve({ shown }: { shown: Shown }) {
  const { targetCurve, currency, limits } = shown;
  const columns: Column<Point>[] = [
    {
      key: "round",
      title: "Round",
      value: (p) => p.round,
      cell: (p) => (
        <>
          {p.round} {p.round === limits?.round && <Chip tone="accent">now</Chip>}
        </>
      ),
    },
    {
      key: "target",
      title: "We settle for",
      numeric: true,
      value: (p) => p.target,
      cell: (p) => <Money value={p.target} currency={currency} />,
    },
    {
      key: "conceded",
      title: "Of the way given",
      numeric: true,
      value: (p) => p.conceded,
      cell: (p) => (
        <span className="inline-flex items-center gap-2">
          <span aria-hidden className="h-1.5 w-20 rounded-full bg-ink/10">
            <span
              className="block h-full rounded-full bg-accent"
              style={{ width: `${Number(p.conceded) * 100}%` }}
            />
          </span>
          <Ratio value={p.conceded} />
        </span>
      ),
    },
  ];
  const rows = targetCurve ?? [];
  return (
    <LiquidGlassCard
      title="Target, round by round"
      hint="How we concede from our best offer to the most we pay"
      flush
      actions={<CsvButton name="target-curve" columns={columns} rows={rows} />}
    >
      <DataTable
        testId="target-curve"
        caption="Target, round by round"
        columns={columns}
        rows={rows}
        rowKey={(p) => String(p.round)}
        empty={<Empty title="No curve yet" />}
      />
    </LiquidGlassCard>
  );
}

const POINTS = [
  ["nash", "Nash", "the largest product of gains"],
  ["kalai", "Kalai", "the largest smaller gain"],
  [
    "kalaiSmorodinsky",
    "Kalai-Smorodinsky",
    "the largest smaller share of what each could hope for",
  ],
  ["welfare", "Welfare", "the largest sum of gains"],
] as const;

function Points({ shown }: { shown: Shown }) {
  const points = shown.bargainingPoints;
  return (
    <LiquidGlassCard title="Fair deals" hint="Among the offers of both sides" testId="bargaining">
      {!points ? (
        <Empty title="Not known yet" />
      ) : (
        <dl className="grid gap-2.5 text-sm">
          {POINTS.map(([key, name, about]) => {
            const offer = points[key];
            return (
              <div key={key} className="grid gap-x-4 sm:grid-cols-[1fr_1fr]">
                <dt>
                  <span className="font-medium">{name}</span>{" "}
                  <span className="text-[0.8125rem] text-muted">{about}</span>
                </dt>
                <dd>
                  {offer ? (
                    <Link
                      href={`/offers?offer=${encodeURIComponent(offer.id)}`}
                      className="font-medium underline decoration-line decoration-2 underline-offset-4 hover:decoration-accent"
                    >
                      {offer.title}
                    </Link>
                  ) : (
                    <span className="text-muted">none leaves both sides a gain</span>
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </LiquidGlassCard>
  );
}

function Payable({ shown, onWhy }: { shown: Shown; onWhy: (trace: Trace) => void }) {
  const payable = shown.buyerEnvelope;
  return (
    <LiquidGlassCard
      title="What we can pay"
      hint="A year, from our own revenue and the margin we keep"
      actions={
        payable && (
          <IconButton
            label="Why these figures? What we can pay"
            onClick={() => onWhy(payable.trace)}
          >
            <CircleHelp className="size-4.5" />
          </IconButton>
        )
      }
    >
      {payable ? (
        <>
          <dl className="grid grid-cols-2 gap-4">
            <Figure name={`At ${formatRatio(payable.floorMargin)} margin`}>
              <Money value={payable.floorPayable} currency={payable.currency} />
            </Figure>
            <Figure name={`At ${formatRatio(payable.ceilingMargin)} margin`}>
              <Money value={payable.ceilingPayable} currency={payable.currency} />
            </Figure>
          </dl>
          {payable.warnings.map((warning) => (
            <p key={warning.code} className="mt-2 text-sm text-warn">
              {warning.message}
            </p>
          ))}
        </>
      ) : (
        <p className="text-sm text-muted">
          Save our revenue and the margin we keep to see the most we can pay.
        </p>
      )}
    </LiquidGlassCard>
  );
}

function Saved({ shown, onEdit }: { shown: Shown; onEdit: () => void }) {
  const may = useMay(NEGOTIATORS);
  const { position, currency } = shown;
  return (
    <LiquidGlassCard
      title="How we mean to negotiate"
      hint={may ? undefined : "A negotiator can change it"}
      actions={
        position &&
        may && (
          <Button small onClick={onEdit}>
            <PenLine aria-hidden className="size-3.5" />
            Edit
          </Button>
        )
      }
    >
      {position && (
        <dl className="grid gap-x-6 gap-y-2 text-sm @lg:grid-cols-2">
          {POSITION_FIELDS.map(({ name, label, type }) => {
            const value = position[name];
            return (
              <div key={name} className="flex justify-between gap-4">
                <dt className="text-muted">{label}</dt>
                <dd className="text-right font-medium">
                  {value == null || value === "" ? (
                    "–"
                  ) : type === "money" ? (
                    <Money value={String(value)} currency={currency} />
                  ) : type === "percent" ? (
                    <Ratio value={String(value)} />
                  ) : type === "text" ? (
                    String(value)
                  ) : (
                    formatQuantity(String(value))
                  )}
                </dd>
              </div>
            );
          })}
        </dl>
      )}
    </LiquidGlassCard>
  );
}

export default function PositionScreen() {
  const { data, ...screen } = useScreen(PositionDocument);
  const [trace, setTrace] = useState<Trace | null>(null);
  const [editing, setEditing] = useState(false);
  const shown = data?.negotiation;
  if (!shown)
    return (
      <>
        <PageTitle>Our position</PageTitle>
        <LiquidGlassCard title="Our position">
          <Loaded
            screen={screen}
            part={data}
            what="Our position is for the buyer’s people only"
            rows={8}
          >
            <Empty title="No negotiation yet" icon={<ShieldCheck className="size-7" />} />
          </Loaded>
        </LiquidGlassCard>
      </>
    );
  const { position } = shown;
  return (
    <>
      <PageTitle>Our position</PageTitle>
      <div className="grid items-start gap-4 sm:gap-5 lg:grid-cols-2">
        <Limits shown={shown} onWhy={setTrace} />
        <Room shown={shown} />
        <Curve shown={shown} />
        <Points shown={shown} />
        <Saved shown={shown} onEdit={() => setEditing(true)} />
        <Payable shown={shown} onWhy={setTrace} />
      </div>
      <Suspense fallback={null}>
        {trace && <Why trace={trace} onClose={() => setTrace(null)} />}
        {editing && position && (
          <PositionForm position={position} negotiation={shown} onClose={() => setEditing(false)} />
        )}
      </Suspense>
    </>
  );
}
