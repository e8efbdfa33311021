/** Daily spend, oldest first. A day without data is hatched: it is missing, not zero. */
import { scaleBand, scaleLinear } from "d3-scale";
import { useState } from "react";
import { formatDay } from "@/lib/dates";
import { toPixels } from "@/lib/decimal";
import { formatCompact, formatMoney } from "@/lib/money";
import { ChartFrame } from "./chart-frame";

export interface SpendDay {
  day: string;
  /** null: no data for this day. */
  amount: string | null;
}

const HEIGHT = 190;
const TOP = 26;
const BOTTOM = 24;
const LEFT = 46;

export function SpendBars({
  days,
  currency,
  name,
}: {
  days: readonly SpendDay[];
  currency: string;
  name: string;
}) {
  const [pointed, setPointed] = useState<string | null>(null);
  const most = days.reduce((m, { amount }) => Math.max(m, toPixels(amount)), 0) || 1;
  const missing = days.filter(({ amount }) => amount === null).length;
  const read = (amount: string | null) =>
    amount === null ? "no data" : formatMoney(amount, currency);
  const first = days[0];
  const last = days.at(-1);
  return (
    <ChartFrame
      label={`Daily spend (${name}), ${days.length} days${first && last ? ` from ${formatDay(first.day)} to ${formatDay(last.day)}` : ""}; ${missing} without data.`}
      height={HEIGHT}
      table={{
        header: ["Day", `Spend (${name})`],
        rows: days.map(({ day, amount }) => [formatDay(day), read(amount)]),
      }}
    >
      {(width) => {
        const x = scaleBand(
          days.map(({ day }) => day),
          [LEFT, width],
        ).paddingInner(width / days.length > 6 ? 0.28 : 0.12);
        const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]).nice(3);
        const shown = days.find(({ day }) => day === pointed);
        const every = Math.ceil(days.length / Math.max(2, Math.floor((width - LEFT) / 92)));
        return (
          <>
            <defs>
              <pattern
                id="missing-day"
                width={5}
                height={5}
                patternUnits="userSpaceOnUse"
                patternTransform="rotate(45)"
              >
                <rect width={5} height={5} fill="var(--color-warn)" fillOpacity={0.12} />
                <line y2={5} stroke="var(--color-warn)" strokeWidth={2} strokeOpacity={0.75} />
              </pattern>
            </defs>
            {y.ticks(3).map((tick) => (
              <g key={tick}>
                <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} stroke="var(--color-line)" />
                <text
                  x={LEFT - 8}
                  y={y(tick) + 4}
                  textAnchor="end"
                  fontSize={11.5}
                  fill="var(--color-muted)"
                >
                  {formatCompact(tick, currency)}
                </text>
              </g>
            ))}
            {days.map(({ day, amount }, i) => {
              const left = x(day) ?? 0;
              const top = amount === null ? TOP : y(toPixels(amount));
              return (
                <g
                  key={day}
                  onPointerEnter={() => setPointed(day)}
                  onPointerLeave={() => setPointed(null)}
                >
                  <rect
                    x={left}
                    y={top}
                    width={x.bandwidth()}
                    height={Math.max(amount === null ? 0 : 1, y(0) - top)}
                    rx={Math.min(2.5, x.bandwidth() / 3)}
                    fill={amount === null ? "url(#missing-day)" : "var(--color-accent)"}
                    fillOpacity={amount === null || pointed === null || pointed === day ? 0.9 : 0.4}
                  />
                  <rect
                    x={left}
                    y={TOP}
                    width={x.step()}
                    height={HEIGHT - TOP - BOTTOM}
                    fill="transparent"
                  />
                  {i % every === 0 && left < width - 40 && (
                    <text x={left} y={HEIGHT - 6} fontSize={11.5} fill="var(--color-muted)">
                      {formatDay(day, false)}
                    </text>
                  )}
                </g>
              );
            })}
            {shown && (
              <text x={width} y={13} textAnchor="end" fontSize={12.5} fill="var(--color-ink)">
                {formatDay(shown.day)} <tspan fontWeight={600}>{read(shown.amount)}</tspan>
              </text>
            )}
          </>
        );
      }}
    </ChartFrame>
  );
}
