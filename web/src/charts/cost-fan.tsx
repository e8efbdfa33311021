/** What an offer may cost: P10 to P90 with the middle marked, several on one scale. */
import { scaleLinear } from "d3-scale";
import { toPixels } from "@/lib/decimal";
import { formatCompact, formatMoney } from "@/lib/money";
import { ChartFrame } from "./chart-frame";

export interface CostRange {
  id: string;
  name: string;
  p10: string;
  p50: string;
  p90: string;
}

const ROW = 44;

export function CostFan({
  ranges,
  currency,
  words = ["P10", "P50", "P90"],
}: {
  ranges: readonly CostRange[];
  currency: string;
  /** What the low, the middle and the high are called. */
  words?: readonly [string, string, string];
}) {
  const low = Math.min(...ranges.map((r) => toPixels(r.p10)));
  const high = Math.max(...ranges.map((r) => toPixels(r.p90)));
  const pad = (high - low || Math.abs(high) || 1) * 0.12;
  return (
    <ChartFrame
      label={`Cost range of ${ranges.map((r) => `${r.name}: ${formatMoney(r.p10, currency)} to ${formatMoney(r.p90, currency)}, middle ${formatMoney(r.p50, currency)}`).join("; ")}.`}
      height={ranges.length * ROW + 22}
      table={{
        header: ["Offer", ...words],
        rows: ranges.map((r) => [
          r.name,
          formatMoney(r.p10, currency),
          formatMoney(r.p50, currency),
          formatMoney(r.p90, currency),
        ]),
      }}
    >
      {(width) => {
        const x = scaleLinear([low - pad, high + pad], [4, width - 4]);
        const ticks = x.ticks(width < 480 ? 3 : 6);
        // Near one another they need the second place to differ.
        const places =
          new Set(ticks.map((tick) => formatCompact(tick, currency))).size < ticks.length ? 2 : 1;
        return (
          <>
            {ticks.map((tick) => (
              <g key={tick}>
                <line
                  x1={x(tick)}
                  x2={x(tick)}
                  y2={ranges.length * ROW}
                  stroke="var(--color-line)"
                />
                <text
                  x={x(tick)}
                  y={ranges.length * ROW + 17}
                  textAnchor="middle"
                  fontSize={11.5}
                  fill="var(--color-muted)"
                >
                  {formatCompact(tick, currency, places)}
                </text>
              </g>
            ))}
            {ranges.map(({ id, name, p10, p50, p90 }, i) => {
              const left = x(toPixels(p10));
              const right = x(toPixels(p90));
              const y = i * ROW + 28;
              return (
                <g key={id}>
                  <text x={4} y={y - 14} fontSize={12.5} fill="var(--color-ink)">
                    {name.length > width / 8
                      ? `${name.slice(0, Math.floor(width / 8) - 1)}…`
                      : name}
                  </text>
                  <rect
                    x={left - 3}
                    y={y - 6}
                    width={Math.max(6, right - left + 6)}
                    height={12}
                    rx={6}
                    fill="var(--color-accent)"
                    fillOpacity={0.32}
                  />
                  <circle
                    cx={x(toPixels(p50))}
                    cy={y}
                    r={6}
                    fill="var(--color-accent)"
                    stroke="var(--color-panel)"
                    strokeWidth={2}
                  />
                </g>
              );
            })}
          </>
        );
      }}
    </ChartFrame>
  );
}
