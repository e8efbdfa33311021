/** The ladder of discounts by spend, and where we stand on it. */
import { scaleLinear } from "d3-scale";
import { area, curveStepAfter, line } from "d3-shape";
import { toPixels } from "@/lib/decimal";
import { formatCompact, formatMoney, formatRatio } from "@/lib/money";
import { ChartFrame } from "./chart-frame";

export interface LadderStep {
  name: string;
  threshold: string;
  discount: string;
}

export interface LadderPicture {
  steps: readonly LadderStep[];
  spend: string;
  currency: string;
  /** The step we are on; null below the first. */
  current: string | null;
}

const HEIGHT = 204;
const TOP = 34;
const BOTTOM = 30;

export function DiscountLadder({ steps, spend, currency, current }: LadderPicture) {
  const here = toPixels(spend);
  const last = steps.reduce((most, { threshold }) => Math.max(most, toPixels(threshold)), 0);
  const most = Math.max(last * 1.32, here * 1.18, 1);
  const deepest = steps.reduce((m, { discount }) => Math.max(m, toPixels(discount)), 0.01);
  const label = `Trailing spend ${formatMoney(spend, currency)}${current ? `, tier ${current}` : ""}. ${steps
    .map((s) => `${s.name}: ${formatRatio(s.discount)} from ${formatMoney(s.threshold, currency)}`)
    .join("; ")}.`;
  return (
    <ChartFrame label={label} height={HEIGHT}>
      {(width) => {
        const x = scaleLinear([0, most], [0, width]);
        const y = scaleLinear([0, deepest], [HEIGHT - BOTTOM, TOP + 16]);
        const points = [
          ...(steps[0] && toPixels(steps[0].threshold) > 0 ? [{ at: 0, discount: 0 }] : []),
          ...steps.map((s) => ({ at: toPixels(s.threshold), discount: toPixels(s.discount) })),
          { at: most, discount: toPixels(steps.at(-1)?.discount ?? "0") },
        ];
        const onto = [...steps].reverse().find((s) => toPixels(s.threshold) <= here);
        const level = current
          ? toPixels(steps.find(({ name }) => name === current)?.discount ?? onto?.discount)
          : 0;
        const outline = line<(typeof points)[number]>()
          .x((p) => x(p.at))
          .y((p) => y(p.discount))
          .curve(curveStepAfter)(points);
        const fill = area<(typeof points)[number]>()
          .x((p) => x(p.at))
          .y1((p) => y(p.discount))
          .y0(y(0))
          .curve(curveStepAfter)(points);
        const needle = x(here);
        return (
          <>
            <defs>
              <linearGradient id="ladder-fill" x2="0" y2="1">
                <stop offset="0" stopColor="var(--color-accent)" stopOpacity="0.3" />
                <stop offset="1" stopColor="var(--color-accent)" stopOpacity="0.03" />
              </linearGradient>
              <clipPath id="ladder-climbed">
                <rect width={Math.max(0, needle)} height={HEIGHT} />
              </clipPath>
            </defs>
            <path d={fill ?? ""} fill="color-mix(in oklab, var(--color-ink) 5%, transparent)" />
            <path d={fill ?? ""} fill="url(#ladder-fill)" clipPath="url(#ladder-climbed)" />
            <path
              d={outline ?? ""}
              fill="none"
              stroke="var(--color-muted)"
              strokeOpacity={0.7}
              strokeWidth={1.5}
            />
            <path
              d={outline ?? ""}
              fill="none"
              stroke="var(--color-accent)"
              strokeWidth={2.5}
              clipPath="url(#ladder-climbed)"
            />
            <line x1={0} x2={width} y1={y(0)} y2={y(0)} stroke="var(--color-line)" />
            {steps.map(({ name, threshold, discount }, i) => {
              const from = x(toPixels(threshold));
              const to = steps[i + 1] ? x(toPixels(steps[i + 1]?.threshold)) : width;
              const room = to - from;
              return (
                <g key={name}>
                  {toPixels(threshold) > 0 && (
                    <text
                      x={from}
                      y={HEIGHT - 10}
                      textAnchor="middle"
                      fontSize={12}
                      fill="var(--color-muted)"
                    >
                      {formatCompact(threshold, currency)}
                    </text>
                  )}
                  <text
                    x={from + Math.max(room / 2, 18)}
                    y={y(toPixels(discount)) - 8}
                    textAnchor="middle"
                    fontSize={13}
                    fontWeight={600}
                    fill={name === current ? "var(--color-accent)" : "var(--color-ink)"}
                  >
                    {room > 84 ? `${name} · ` : ""}
                    {formatRatio(discount)}
                  </text>
                </g>
              );
            })}
            <g>
              <line
                x1={needle}
                x2={needle}
                y1={TOP - 12}
                y2={y(0)}
                stroke="var(--color-ink)"
                strokeWidth={1.5}
                strokeDasharray="2 3"
              />
              <circle
                cx={needle}
                cy={y(level)}
                r={6}
                fill="var(--color-ink)"
                stroke="var(--color-panel)"
                strokeWidth={2.5}
              />
              <text
                x={Math.max(44, Math.min(width - 44, needle))}
                y={14}
                textAnchor="middle"
                fontSize={12.5}
                fontWeight={600}
                fill="var(--color-ink)"
              >
                you are here
              </text>
            </g>
          </>
        );
      }}
    </ChartFrame>
  );
}
