/** From the list cost to the cash that is paid, step by step. */
import { scaleLinear } from "d3-scale";
import { toPixels } from "@/lib/decimal";
import { formatDelta, formatMoney } from "@/lib/money";
import { ChartFrame } from "./chart-frame";

export interface WaterfallStep {
  name: string;
  /** A signed change, or the height itself where `total`. */
  amount: string;
  total?: boolean;
}

const ROW = 34;

export function SavingsWaterfall({
  steps,
  currency,
}: {
  steps: readonly WaterfallStep[];
  currency: string;
}) {
  let level = 0;
  const bars = steps.map((step) => {
    const size = toPixels(step.amount);
    const from = step.total ? 0 : level;
    level = step.total ? size : level + size;
    return { ...step, from, to: level };
  });
  const most = Math.max(...bars.map(({ from, to }) => Math.max(from, to)), 1);
  const low = Math.min(0, ...bars.map(({ to }) => to));
  const text = (step: WaterfallStep) =>
    step.total ? formatMoney(step.amount, currency) : formatDelta(step.amount, currency);
  return (
    <ChartFrame
      label={bars.map((b) => `${b.name} ${text(b)}`).join(", ")}
      height={bars.length * ROW}
      table={{ header: ["Step", "Amount"], rows: bars.map((b) => [b.name, text(b)]) }}
    >
      {(width) => {
        const nameRoom = Math.min(132, width * 0.32);
        const figureRoom = Math.min(150, width * 0.34);
        const x = scaleLinear([low, most], [nameRoom, width - figureRoom]);
        return bars.map((bar, i) => {
          const y = i * ROW + 6;
          const left = x(Math.min(bar.from, bar.to));
          const size = Math.max(2, Math.abs(x(bar.to) - x(bar.from)));
          const rises = bar.to > bar.from;
          return (
            <g key={bar.name}>
              <text x={0} y={y + 16} fontSize={12.5} fill="var(--color-muted)">
                {bar.name}
              </text>
              <rect
                x={left}
                y={y}
                width={size}
                height={ROW - 12}
                rx={5}
                fill={
                  bar.total ? "var(--color-ink)" : rises ? "var(--color-bad)" : "var(--color-good)"
                }
                fillOpacity={bar.total ? 0.75 : 0.6}
              />
              <text
                x={width}
                y={y + 16}
                textAnchor="end"
                fontSize={12.5}
                fontWeight={bar.total ? 650 : 500}
                fill="var(--color-ink)"
              >
                {text(bar)}
              </text>
            </g>
          );
        });
      }}
    </ChartFrame>
  );
}
