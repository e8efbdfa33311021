/** Figures: exact, tabular, and lit for a moment when they have changed. */
import { useEffect, useRef, useState } from "react";
import { cx } from "@/lib/class-names";
import { sign, subtract } from "@/lib/decimal";
import { formatDelta, formatMoney, formatPrice, formatRatio } from "@/lib/money";

const LIT_FOR = 8_000;

/** The value before, for some seconds after a change; null when nothing has just changed. */
export function useChange(value: string | null | undefined): string | null {
  const last = useRef(value);
  const [before, setBefore] = useState<string | null>(null);
  useEffect(() => {
    const previous = last.current;
    last.current = value;
    if (previous == null || value == null || previous === value) return;
    setBefore(previous);
    const timer = setTimeout(() => setBefore(null), LIT_FOR);
    return () => clearTimeout(timer);
  }, [value]);
  return before;
}

export function Money({
  value,
  currency,
  className,
  testId,
  highlight = false,
}: {
  value: string | null | undefined;
  currency: string;
  className?: string;
  testId?: string;
  /** Light up, and say by how much, when the value changes. */
  highlight?: boolean;
}) {
  const before = useChange(highlight ? value : null);
  if (value == null) return <span className={cx("text-muted", className)}>–</span>;
  const difference = before === null ? null : subtract(value, before);
  return (
    <>
      <data
        key={highlight ? value : undefined}
        value={value}
        data-testid={testId}
        className={cx("tabular rounded-md", before !== null && "flash", className)}
      >
        {formatMoney(value, currency)}
      </data>
      {difference !== null && sign(difference) !== 0 && (
        <span className="ml-2 align-middle text-xs font-medium text-accent appear">
          {formatDelta(difference, currency)}
        </span>
      )}
    </>
  );
}

export function Price({ value, currency }: { value: string | null | undefined; currency: string }) {
  if (value == null) return <span className="text-muted">–</span>;
  return (
    <data value={value} className="tabular">
      {formatPrice(value, currency)}
    </data>
  );
}

export function Ratio({
  value,
  className,
  testId,
  places,
}: {
  value: string | null | undefined;
  className?: string;
  testId?: string;
  places?: number;
}) {
  if (value == null)
    return (
      <span data-testid={testId} className={cx("text-muted", className)}>
        –
      </span>
    );
  return (
    <data value={value} data-testid={testId} className={cx("tabular", className)}>
      {formatRatio(value, places)}
    </data>
  );
}
