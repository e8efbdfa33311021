/** What may have been paid by each month: P10 to P90 as a band, P50 as its line, several offers on one scale. */
import { scaleLinear, scalePoint } from "d3-scale";
import { area, line } from "d3-shape";
import { formatMonth } from "@/lib/dates";
import { toPixels } from "@/lib/decimal";
import { formatCompact, formatMoney } from "@/lib/money";
import { ChartFrame } from "./chart-frame";

export interface MonthRange {
  month: string;
  p10: string;
  p50: string;
  p90: string;
}

export interface Fan {
  id: string;
  name: string;
  months: readonly MonthRange[];
}

/** Told apart by colour and by dash: never by colour alone. */
export const FAN_LOOKS = [
  { colour: "var(--color-accent)", dash: undefined },
  { colour: "var(--color-warn)", dash: "7 4" },
  { colour: "var(--color-cool)", dash: "2 4" },
  { colour: "var(--color-bad)", dash: "10 3 2 3" },
] as const;

const HEIGHT = 240;
const LEFT = 56;
const FOOT = 24;

export function FanOverMonths({ fans, currency }: { fans: readonly Fan[]; currency: string }) {
  const months = [...new Set(fans.flatMap((fan) => fan.months.map(({ month }) => month)))].sort();
  const first = months[0];
  const last = months[months.length - 1];
  if (!first || !last) return null;
  const high = Math.max(...fans.flatMap((fan) => fan.months.map(({ p90 }) => toPixels(p90))), 1);
  const low = Math.min(0, ...fans.flatMap((fan) => fan.months.map(({ p10 }) => toPixels(p10))));
  const ends = fans.flatMap((fan) => {
    const end = fan.months[fan.months.length - 1];
    return end
      ? [
          `${fan.name}: ${formatMoney(end.p10, currency)} to ${formatMoney(end.p90, currency)}, middle ${formatMoney(end.p50, currency)}`,
        ]
      : [];
  });
  return (
    <>
      <ChartFrame
        label={`Paid by ${formatMonth(last)}. ${ends.join("; ")}.`}
        height={HEIGHT}
        table={{
          header: [
            "Month",
            ...fans.flatMap(({ name }) => [`${name}, P10`, `${name}, P50`, `${name}, P90`]),
          ],
          rows: months.map((month) => [
            formatMonth(month),
            ...fans.flatMap((fan) => {
              const at = fan.months.find((m) => m.month === month);
              return at
                ? [at.p10, at.p50, at.p90].map((v) => formatMoney(v, currency))
                : ["–", "–", "–"];
            }),
          ]),
        }}
      >
        {(width) => {
          const x = scalePoint(months, [LEFT, width - 10]);
          const y = scaleLinear([low, high], [HEIGHT - FOOT, 10]).nice(4);
          const at = (value: string) => y(toPixels(value));
          const here = (m: MonthRange) => x(m.month) ?? 0;
          const band = area<MonthRange>(
            here,
            (m) => at(m.p10),
            (m) => at(m.p90),
          );
          const middle = line<MonthRange>(here, (m) => at(m.p50));
          const every = Math.ceil(months.length / Math.max(2, Math.floor(width / 110)));
          return (
            <>
              {y.ticks(4).map((tick) => (
                <g key={tick}>
                  <line
                    x1={LEFT}
                    x2={width - 10}
                    y1={y(tick)}
                    y2={y(tick)}
                    stroke="var(--color-line)"
                  />
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
              {months.map((month, i) =>
                i % every === 0 && i < months.length - every / 2 ? (
                  <text
                    key={month}
                    x={Math.max(LEFT, x(month) ?? 0)}
                    y={HEIGHT - 6}
                    fontSize={11.5}
                    fill="var(--color-muted)"
                  >
                    {formatMonth(month)}
                  </text>
                ) : null,
              )}
              {fans.map((fan, i) => {
                const look = FAN_LOOKS[i % FAN_LOOKS.length] ?? FAN_LOOKS[0];
                return (
                  <g key={fan.id}>
                    <path d={band(fan.months) ?? ""} fill={look.colour} fillOpacity={0.16} />
                    <path
                      d={middle(fan.months) ?? ""}
                      fill="none"
                      stroke={look.colour}
                      strokeWidth={2.25}
                      strokeDasharray={look.dash}
                    />
                  </g>
                );
              })}
            </>
          );
        }}
      </ChartFrame>
      {fans.length > 1 && (
        <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-[0.8125rem]">
          {fans.map((fan, i) => {
            const look = FAN_LOOKS[i % FAN_LOOKS.length] ?? FAN_LOOKS[0];
            return (
              <li key={fan.id} className="flex min-w-0 items-center gap-2">
                <svg aria-hidden="true" width={28} height={4} className="shrink-0">
                  <line
                    x2={28}
                    y1={2}
                    y2={2}
                    stroke={look.colour}
                    strokeWidth={3}
                    strokeDasharray={look.dash}
                  />
                </svg>
                <span className="min-w-0 truncate">{fan.name}</span>
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}
