/** What each month of an offer costs: usage, pass-through, and the shortfall on top. */
import { scaleBand, scaleLinear } from "d3-scale";
import { useState } from "react";
import { formatMonth } from "@/lib/dates";
import { toPixels } from "@/lib/decimal";
import { formatCompact, formatMoney, formatRatio } from "@/lib/money";
import { ChartFrame } from "./chart-frame";

export interface Month {
  month: string;
  list: string;
  tier: string | null;
  discount: string;
  net: string;
  passThrough: string;
  credits: string;
  shortfall: string;
  cash: string;
}

const HEIGHT = 220;
const LEFT = 50;
const TOP = 30;
const BOTTOM = 24;
const PARTS = [
  { key: "net", name: "usage", fill: "var(--color-accent)" },
  { key: "passThrough", name: "pass-through", fill: "var(--color-cool)" },
  { key: "shortfall", name: "shortfall", fill: "var(--color-bad)" },
] as const;

export function MonthStack({ months, currency }: { months: readonly Month[]; currency: string }) {
  const [pointed, setPointed] = useState<string | null>(null);
  const height = (m: Month) => PARTS.reduce((sum, { key }) => sum + toPixels(m[key]), 0);
  const most = Math.max(1, ...months.map((m) => Math.max(height(m), toPixels(m.list))));
  const money = (value: string) => formatMoney(value, currency);
  return (
    <>
      <ul className="mb-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-muted">
        {PARTS.map(({ name, fill }) => (
          <li key={name} className="flex items-center gap-1.5">
            <span className="size-2.5 rounded-sm" style={{ background: fill }} />
            {name}
          </li>
        ))}
        <li className="flex items-center gap-1.5">
          <span className="h-0.5 w-3 rounded bg-ink/60" />
          at list
        </li>
      </ul>
      <ChartFrame
        label={`Cost by month, ${months.length} months.`}
        height={HEIGHT}
        table={{
          header: [
            "Month",
            "List",
            "Tier",
            "Discount",
            "Net",
            "Pass-through",
            "Credits",
            "Shortfall",
            "Cash",
          ],
          rows: months.map((m) => [
            formatMonth(m.month),
            money(m.list),
            m.tier ?? "–",
            formatRatio(m.discount),
            money(m.net),
            money(m.passThrough),
            money(m.credits),
            money(m.shortfall),
            money(m.cash),
          ]),
        }}
      >
        {(width) => {
          const x = scaleBand(
            months.map(({ month }) => month),
            [LEFT, width],
          ).padding(0.22);
          const y = scaleLinear([0, most], [HEIGHT - BOTTOM, TOP]).nice(4);
          const every = Math.ceil(months.length / Math.max(1, Math.floor((width - LEFT) / 70)));
          const shown = months.find(({ month }) => month === pointed);
          return (
            <>
              {y.ticks(4).map((tick) => (
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
              {months.map((m, i) => {
                const left = x(m.month) ?? 0;
                let base = 0;
                return (
                  <g
                    key={m.month}
                    onPointerEnter={() => setPointed(m.month)}
                    onPointerLeave={() => setPointed(null)}
                  >
                    {PARTS.map(({ key, fill }) => {
                      const size = toPixels(m[key]);
                      const top = y(base + size);
                      const tall = y(base) - top;
                      base += size;
                      return size > 0 ? (
                        <rect
                          key={key}
                          x={left}
                          y={top}
                          width={x.bandwidth()}
                          height={tall}
                          fill={fill}
                          fillOpacity={pointed === null || pointed === m.month ? 0.85 : 0.4}
                          stroke="var(--color-panel)"
                          strokeWidth={0.75}
                        />
                      ) : null;
                    })}
                    <line
                      x1={left - 1}
                      x2={left + x.bandwidth() + 1}
                      y1={y(toPixels(m.list))}
                      y2={y(toPixels(m.list))}
                      stroke="var(--color-ink)"
                      strokeOpacity={0.6}
                      strokeWidth={2}
                    />
                    <rect
                      x={left}
                      y={TOP}
                      width={x.bandwidth()}
                      height={HEIGHT - TOP}
                      fill="transparent"
                    />
                    {i % every === 0 && (
                      <text
                        x={left + x.bandwidth() / 2}
                        y={HEIGHT - 6}
                        textAnchor="middle"
                        fontSize={11.5}
                        fill="var(--color-muted)"
                      >
                        {formatMonth(m.month)}
                      </text>
                    )}
                  </g>
                );
              })}
              {shown && (
                <text x={width} y={14} textAnchor="end" fontSize={12.5} fill="var(--color-ink)">
                  {formatMonth(shown.month)} <tspan fontWeight={600}>{money(shown.cash)}</tspan>
                  {shown.tier ? ` · tier ${shown.tier}` : ""} · {formatRatio(shown.discount)} off
                </text>
              )}
            </>
          );
        }}
      </ChartFrame>
    </>
  );
}
