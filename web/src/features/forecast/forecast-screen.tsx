/** What is to come: the pace of the commitment, the next tier, the days that matter, the plan and how good such plans were. */
import { CalendarClock, ChartSpline } from "lucide-react";
import type { ReactNode } from "react";
import { useScreen } from "@/apollo/use-screen";
import { Chip } from "@/design/chip";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money, Ratio } from "@/design/money";
import { PageTitle } from "@/design/page-title";
import { Empty, Loaded } from "@/design/states";
import { ForecastDocument, type ForecastQuery } from "@/gql/graphql";
import { formatDay, formatMonth, formatRange } from "@/lib/dates";
import { sign, sum, toPixels } from "@/lib/decimal";
import { formatQuantity, formatRatio } from "@/lib/money";

type Negotiation = NonNullable<ForecastQuery["negotiation"]>;
type Pace = Negotiation["commitmentPace"][number];
type Projection = NonNullable<Negotiation["tierProjection"]>;
type Family = Negotiation["forecast"]["families"][number];
type Cut = Negotiation["forecast"]["backtest"][number];

/** When something comes to pass, in a sentence; null: not within sight. */
export function when({ earliest, likely, latest }: Pace["met"]): string | null {
  if (!earliest && !likely && !latest) return null;
  const middle = likely ? `likely ${formatDay(likely)}` : "not expected within sight";
  const first = earliest ? `${formatDay(earliest)} at the earliest` : null;
  const last = latest
    ? `${formatDay(latest)} at the latest`
    : likely
      ? "with little volume never"
      : null;
  return [middle, first, last].filter(Boolean).join(", ");
}

function lastDay(end: string): string {
  return new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10);
}

function PaceOf({ pace, currency }: { pace: Pace; currency: string }) {
  const most = Math.max(toPixels(pace.high), toPixels(pace.committed), 1) * 1.04;
  const at = (value: string) => `${Math.min(100, (toPixels(value) / most) * 100)}%`;
  const between = `${((toPixels(pace.high) - toPixels(pace.low)) / most) * 100}%`;
  return (
    <li className="grid gap-2" data-testid="commitment-pace">
      <p className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
        <span className="font-medium">
          <Money value={pace.committed} currency={currency} />
        </span>
        <span className="text-muted">{formatRange(pace.first, lastDay(pace.end))}</span>
        <Chip tone={pace.ahead ? "good" : "bad"}>{pace.ahead ? "on pace" : "behind"}</Chip>
      </p>
      <div
        role="img"
        aria-label={`${formatRatio(String(toPixels(pace.burned) / Math.max(1, toPixels(pace.committed))), 0)} of the commitment is burned`}
        className="relative h-3 rounded-full bg-ink/8"
      >
        <div
          className="absolute h-full rounded-full bg-accent/28"
          style={{ left: at(pace.low), width: between }}
        />
        <div
          className="absolute h-full rounded-full bg-accent"
          style={{ width: at(pace.burned) }}
        />
        <div
          className="absolute -top-1 h-5 w-1 rounded-full bg-warn"
          style={{ left: at(pace.committed) }}
        />
      </div>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2 text-sm @lg:grid-cols-4">
        {[
          ["Burned so far", <Money key="b" value={pace.burned} currency={currency} highlight />],
          ["Expected at the end", <Money key="e" value={pace.expected} currency={currency} />],
          [
            "Little to much volume",
            <span key="r">
              <Money value={pace.low} currency={currency} /> to{" "}
              <Money value={pace.high} currency={currency} />
            </span>,
          ],
          [
            "Shortfall ahead",
            <span
              key="s"
              className={sign(pace.projectedShortfall) > 0 ? "font-semibold text-bad" : ""}
            >
              <Money value={pace.projectedShortfall} currency={currency} />
            </span>,
          ],
        ].map(([name, value]) => (
          <div key={String(name)}>
            <dt className="text-[0.8125rem] text-muted">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="text-[0.8125rem] text-muted">
        Met: {when(pace.met) ?? "not within sight"}.
        {pace.missingDays.length > 0 &&
          ` ${pace.missingDays.length === 1 ? "One day has" : `${pace.missingDays.length} days have`} no usage, and nothing was counted for ${pace.missingDays.length === 1 ? "it" : "them"}.`}
      </p>
    </li>
  );
}

function TierCard({ projection }: { projection: Projection | null | undefined }) {
  const line = (
    name: string,
    tier: Projection["up"],
    range: Projection["reachesUp"],
    tone: "good" | "warn",
  ): ReactNode =>
    tier ? (
      <p key={name}>
        <span className="font-medium">
          {name} <Chip tone={tone}>{tier.name}</Chip>
        </span>{" "}
        <Ratio value={tier.discount} />
        <span className="block text-[0.8125rem] text-muted">
          {when(range) ?? "Not within a year, on any volume that we expect"}
        </span>
      </p>
    ) : null;
  const lines = projection
    ? [
        line("Up to", projection.up, projection.reachesUp, "good"),
        line("Down to", projection.down, projection.fallsBelow, "warn"),
      ].filter(Boolean)
    : [];
  return (
    <LiquidGlassCard
      title="Next tier"
      hint="When trailing spend leaves today’s"
      testId="tier-projection"
    >
      {!projection ? (
        <p className="text-sm text-muted">There is no ladder in force.</p>
      ) : lines.length > 0 ? (
        <div className="grid gap-3 text-sm">{lines}</div>
      ) : (
        <p className="text-sm text-muted">There is no tier above or below.</p>
      )}
    </LiquidGlassCard>
  );
}

function daysWords(days: number): string {
  if (days === 0) return "today";
  return days > 0 ? `in ${days} days` : `${-days} days ago`;
}

function NoticeCard({ dates }: { dates: Negotiation["dates"] }) {
  return (
    <LiquidGlassCard
      title="Days that matter"
      hint={
        dates
          ? dates.autoRenews
            ? "It renews by itself unless notice is given"
            : "It ends by itself"
          : undefined
      }
      testId="notice-dates"
    >
      {dates ? (
        <dl className="grid gap-3 text-sm">
          {(
            [
              ["Last safe day for notice", dates.lastNoticeDay, dates.daysToNotice],
              ["End of the term", dates.end, dates.daysToEnd],
            ] as const
          ).map(([name, day, days]) => (
            <div key={name} className="flex flex-wrap items-baseline justify-between gap-x-4">
              <dt className="text-muted">{name}</dt>
              <dd className="font-semibold">
                {formatDay(day)}{" "}
                <span
                  className={
                    days < 0 ? "text-bad" : days < 60 ? "text-warn" : "font-normal text-muted"
                  }
                >
                  {daysWords(days)}
                </span>
              </dd>
            </div>
          ))}
        </dl>
      ) : (
        <Empty title="No term yet" icon={<CalendarClock className="size-7" strokeWidth={1.5} />}>
          The dates come with a term and renewal.
        </Empty>
      )}
    </LiquidGlassCard>
  );
}

function familyColumns(currency: string): Column<Family>[] {
  return [
    { key: "family", title: "Family", value: (f) => f.family },
    {
      key: "level",
      title: "A day, at list",
      numeric: true,
      value: (f) => f.level,
      cell: (f) => <Money value={f.level} currency={currency} />,
    },
    {
      key: "growth",
      title: "Growth a year",
      numeric: true,
      value: (f) => f.growth,
      cell: (f) => <Ratio value={f.growth} />,
    },
    {
      key: "units",
      title: "Units, first month",
      numeric: true,
      value: (f) => f.monthly[0]?.units,
      cell: (f) => (f.monthly[0] ? formatQuantity(f.monthly[0].units) : "–"),
      priority: 2,
    },
    {
      key: "list",
      title: "At list, all months",
      numeric: true,
      value: (f) => sum(f.monthly.map((m) => m.listAmount)),
      cell: (f) => <Money value={sum(f.monthly.map((m) => m.listAmount))} currency={currency} />,
    },
    {
      key: "cv",
      title: "May miss by (cv)",
      numeric: true,
      value: (f) => f.cv,
      cell: (f) => <Ratio value={f.cv} />,
      priority: 2,
    },
    {
      key: "backtest",
      title: "Past plans missed by",
      numeric: true,
      value: (f) => f.backtestError,
      cell: (f) => <Ratio value={f.backtestError} />,
      priority: 2,
    },
    { key: "seen", title: "Months seen", numeric: true, value: (f) => f.monthsSeen, priority: 3 },
  ];
}

function cutColumns(currency: string): Column<Cut>[] {
  return [
    { key: "cut", title: "Made on", value: (c) => c.cut, cell: (c) => formatDay(c.cut) },
    { key: "months", title: "Months", numeric: true, value: (c) => c.months, priority: 2 },
    { key: "family", title: "Of", value: (c) => c.family, cell: (c) => c.family ?? "all" },
    {
      key: "planned",
      title: "Planned",
      numeric: true,
      value: (c) => c.planned,
      cell: (c) => <Money value={c.planned} currency={currency} />,
    },
    {
      key: "actual",
      title: "Came",
      numeric: true,
      value: (c) => c.actual,
      cell: (c) => <Money value={c.actual} currency={currency} />,
    },
    {
      key: "error",
      title: "Missed by",
      numeric: true,
      value: (c) => c.error,
      cell: (c) => <Ratio value={c.error} />,
    },
  ];
}

export default function ForecastScreen() {
  const { data, ...screen } = useScreen(ForecastDocument);
  const negotiation = data?.negotiation;
  if (!negotiation)
    return (
      <>
        <PageTitle>Forecast</PageTitle>
        <LiquidGlassCard title="Forecast">
          <Loaded
            screen={screen}
            part={data}
            what="The forecast is for the buyer’s people only"
            rows={8}
          >
            <Empty
              title="No negotiation yet"
              icon={<ChartSpline className="size-7" strokeWidth={1.5} />}
            />
          </Loaded>
        </LiquidGlassCard>
      </>
    );
  const { currency, forecast, commitmentPace, tierProjection, dates } = negotiation;
  const families = familyColumns(currency);
  const cuts = cutColumns(currency);
  const overall = forecast.backtest.filter(({ family }) => family == null);
  return (
    <>
      <PageTitle>Forecast</PageTitle>
      <LiquidGlassCard
        title="Pace of the commitment"
        hint="Burned, and what the interval will come to; the mark is what was promised"
      >
        {commitmentPace.length > 0 ? (
          <ul className="grid gap-6">
            {commitmentPace.map((pace) => (
              <PaceOf key={`${pace.commitmentId} ${pace.first}`} pace={pace} currency={currency} />
            ))}
          </ul>
        ) : (
          <p className="text-sm text-muted">The contract in force commits us to nothing.</p>
        )}
      </LiquidGlassCard>
      <div className="grid items-start gap-4 sm:gap-5 lg:grid-cols-2">
        <TierCard projection={tierProjection} />
        <NoticeCard dates={dates} />
      </div>
      <LiquidGlassCard
        title="Plan by family"
        hint={`${forecast.months} months, ${formatMonth(forecast.start)} on`}
        flush
        actions={<CsvButton name="forecast" columns={families} rows={forecast.families} />}
      >
        <DataTable
          testId="forecast-families"
          caption="Plan by family"
          columns={families}
          rows={forecast.families}
          rowKey={(f) => f.family}
          empty={<Empty title="Nothing to plan from">Import usage to see what is to come.</Empty>}
        />
        <details className="px-4 py-3 text-sm sm:px-5">
          <summary className="text-muted hover:text-ink">How it is estimated</summary>
          <p className="mt-2 max-w-prose">{forecast.method}</p>
        </details>
      </LiquidGlassCard>
      <LiquidGlassCard
        title="How good such plans were"
        hint="Made from what was known on the day, held against what came"
        flush
        actions={<CsvButton name="backtest" columns={cuts} rows={forecast.backtest} />}
      >
        <DataTable
          testId="backtest"
          caption="How good such plans were"
          stacked
          columns={cuts}
          rows={overall}
          rowKey={(c) => `${c.cut} ${c.family}`}
          empty={<Empty title="Not enough history yet" />}
        />
      </LiquidGlassCard>
    </>
  );
}
