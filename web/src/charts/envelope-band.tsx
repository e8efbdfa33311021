/** Where the margin stands against its floor, target and ceiling. */
import { scaleLinear } from "d3-scale";
import { toPixels } from "@/lib/decimal";
import { formatRatio } from "@/lib/money";
import { ChartFrame } from "./chart-frame";
import { spread } from "./labels";

export interface Band {
  floor: string;
  target: string;
  ceiling: string;
  current: string | null | undefined;
}

const HEIGHT = 112;
const TRACK = 46;
const THICK = 22;

export function bandSentence({ floor, target, ceiling, current }: Band): string {
  const band = `floor ${formatRatio(floor)}, target ${formatRatio(target)}, ceiling ${formatRatio(ceiling)}`;
  return current == null
    ? `Margin band: ${band}. There is no present margin.`
    : `Margin now ${formatRatio(current)}; ${band}.`;
}

export function EnvelopeBand(band: Band) {
  const { floor, target, ceiling, current } = band;
  const now = current == null ? null : toPixels(current);
  const low = Math.min(0, now ?? 0, toPixels(floor));
  const clipped = Math.max(low, -1);
  return (
    <ChartFrame label={bandSentence(band)} height={HEIGHT}>
      {(width) => {
        const x = scaleLinear([clipped, 1], [0, width]).clamp(true);
        const marks = [
          { name: "floor", value: floor, tone: "var(--color-warn)" },
          { name: "target", value: target, tone: "var(--color-accent)" },
          { name: "ceiling", value: ceiling, tone: "var(--color-cool)" },
        ].map((mark) => ({ ...mark, at: x(toPixels(mark.value)) }));
        const centres = spread(
          marks.map(({ at }) => ({ at, width: width < 480 ? 74 : 92 })),
          width,
          2,
        );
        const needle = now === null ? null : x(now);
        const from = x(toPixels(floor));
        const to = x(toPixels(ceiling));
        return (
          <>
            <rect
              y={TRACK}
              width={width}
              height={THICK}
              rx={THICK / 2}
              fill="color-mix(in oklab, var(--color-ink) 8%, transparent)"
            />
            {x.ticks(width < 480 ? 4 : 10).map((tick) => (
              <line
                key={tick}
                x1={x(tick)}
                x2={x(tick)}
                y1={TRACK + 8}
                y2={TRACK + THICK - 8}
                stroke="var(--color-ink)"
                strokeOpacity={0.25}
              />
            ))}
            <defs>
              <linearGradient id="band-fill">
                <stop offset="0" stopColor="var(--color-warn)" stopOpacity="0.45" />
                <stop offset="0.5" stopColor="var(--color-accent)" stopOpacity="0.55" />
                <stop offset="1" stopColor="var(--color-cool)" stopOpacity="0.5" />
              </linearGradient>
            </defs>
            <rect
              x={from}
              y={TRACK}
              width={Math.max(3, to - from)}
              height={THICK}
              rx={Math.min(THICK / 2, (to - from) / 2)}
              fill="url(#band-fill)"
            />
            {marks.map(({ name, value, tone, at }, i) => (
              <g key={name}>
                <line
                  x1={at}
                  x2={at}
                  y1={TRACK - 3}
                  y2={TRACK + THICK + 5}
                  stroke={tone}
                  strokeWidth={name === "target" ? 3 : 2}
                  strokeLinecap="round"
                />
                <path
                  d={`M${at},${TRACK + THICK + 5} L${centres[i]},${TRACK + THICK + 17}`}
                  stroke={tone}
                  strokeOpacity={0.5}
                  fill="none"
                />
                <text
                  x={centres[i]}
                  y={TRACK + THICK + 31}
                  textAnchor="middle"
                  fontSize={12.5}
                  fill="var(--color-muted)"
                >
                  {name}{" "}
                  <tspan fill="var(--color-ink)" fontWeight={600}>
                    {formatRatio(value)}
                  </tspan>
                </text>
              </g>
            ))}
            {needle !== null && now !== null && (
              <g
                style={{ transition: "transform .5s var(--ease-glide)" }}
                transform={`translate(${needle},0)`}
              >
                <line
                  y1={TRACK - 12}
                  y2={TRACK + THICK + 3}
                  stroke="var(--color-ink)"
                  strokeWidth={3}
                  strokeLinecap="round"
                />
                <circle cy={TRACK - 12} r={5.5} fill="var(--color-ink)" />
                <text
                  x={Math.max(48 - needle, Math.min(0, width - needle - 48))}
                  y={TRACK - 24}
                  textAnchor="middle"
                  fontSize={13}
                  fontWeight={600}
                  fill="var(--color-ink)"
                >
                  now {formatRatio(current)}
                  {now < clipped ? " ←" : ""}
                </text>
              </g>
            )}
          </>
        );
      }}
    </ChartFrame>
  );
}
