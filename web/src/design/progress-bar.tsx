import { cx } from "@/lib/class-names";

/** How far something is, from 0 to 1; for assistive technology only where it has a label. */
export function ProgressBar({
  share,
  label,
  warn = false,
}: {
  share: number;
  label?: string;
  warn?: boolean;
}) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100);
  const said = label
    ? {
        role: "progressbar",
        "aria-label": label,
        "aria-valuenow": percent,
        "aria-valuemin": 0,
        "aria-valuemax": 100,
      }
    : { "aria-hidden": true };
  return (
    <div {...said} className="h-2 overflow-hidden rounded-full bg-ink/9">
      <div
        className={cx(
          "h-full rounded-full transition-[width] motion-reduce:transition-none",
          warn ? "bg-warn" : "bg-accent",
        )}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
