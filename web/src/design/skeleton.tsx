/** The shape of what is to come, so that nothing jumps when it does. */
import { cx } from "@/lib/class-names";

export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden className={cx("shimmer block", className)} />;
}

export function SkeletonRows({ rows = 6 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="grid gap-3 px-5 py-3">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike
        <Skeleton key={row} className={cx("h-5", row % 3 === 2 ? "w-4/5" : "w-full")} />
      ))}
    </div>
  );
}
