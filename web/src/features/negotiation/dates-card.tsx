/** The term of the contract, and the day that costs a renewal when it is missed. */
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import type { NegotiationForScreenFragment } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { useNow } from "@/lib/clock";
import { daysUntil, formatDay } from "@/lib/dates";

type Dates = NonNullable<NegotiationForScreenFragment["dates"]>;

const SOON = 60;

function distance(days: number): string {
  if (days === 0) return "today";
  return days > 0 ? `in ${days} d` : `${-days} d ago`;
}

export function DatesCard({ dates }: { dates: Dates }) {
  const now = useNow();
  const length = Math.max(1, daysUntil(dates.end, Date.parse(dates.start)));
  const share = (daysLeft: number) =>
    `${Math.min(100, Math.max(0, (1 - daysLeft / length) * 100))}%`;
  const toEnd = daysUntil(dates.end, now);
  const toNotice = daysUntil(dates.lastNoticeDay, now);
  const noticeAt = share(daysUntil(dates.end, Date.parse(dates.lastNoticeDay)));
  return (
    <LiquidGlassCard
      title="Term"
      hint={dates.autoRenews ? "Renews by itself unless notice is given" : "Ends by itself"}
    >
      <div aria-hidden className="relative mb-3 h-2 rounded-full bg-ink/9">
        <div className="h-full rounded-full bg-ink/35" style={{ width: share(toEnd) }} />
        <div className="absolute -top-1 h-4 w-1 rounded-full bg-warn" style={{ left: noticeAt }} />
        <div
          className="absolute -top-1 size-4 -translate-x-1/2 rounded-full bg-ink ring-2 ring-panel"
          style={{ left: share(toEnd) }}
        />
      </div>
      <dl className="grid grid-cols-3 gap-x-4 text-sm">
        <div>
          <dt className="text-[0.8125rem] text-muted">Start</dt>
          <dd>{formatDay(dates.start)}</dd>
        </div>
        <div className="text-center">
          <dt className="text-[0.8125rem] text-muted">Last day for notice</dt>
          <dd
            className={cx(
              "font-semibold",
              toNotice < 0 ? "text-bad" : toNotice < SOON && "text-warn",
            )}
          >
            {formatDay(dates.lastNoticeDay)}{" "}
            <span className="font-normal whitespace-nowrap text-muted">{distance(toNotice)}</span>
          </dd>
        </div>
        <div className="text-right">
          <dt className="text-[0.8125rem] text-muted">End</dt>
          <dd>
            {formatDay(dates.end)}{" "}
            <span className="whitespace-nowrap text-muted">{distance(toEnd)}</span>
          </dd>
        </div>
      </dl>
    </LiquidGlassCard>
  );
}
