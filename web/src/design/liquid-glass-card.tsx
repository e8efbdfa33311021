/** The surface everything stands on: a tinted pane with a lit edge, a title and its actions. */
import { type ReactNode, useId } from "react";
import { cx } from "@/lib/class-names";

interface Props {
  title: ReactNode;
  /** One line under the title: what the figures are of. */
  hint?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  testId?: string;
  /** The content reaches the card's edges: a table. */
  flush?: boolean;
  headingLevel?: 2 | 3;
}

export function LiquidGlassCard({
  title,
  hint,
  actions,
  children,
  className,
  testId,
  flush,
  headingLevel = 2,
}: Props) {
  const id = useId();
  const Heading = `h${headingLevel}` as "h2" | "h3";
  return (
    <section
      aria-labelledby={id}
      data-testid={testId}
      className={cx("panel @container flex min-w-0 flex-col", className)}
    >
      <header className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-3.5 pb-2.5 sm:px-5 sm:pt-4">
        <div className="min-w-0 grow basis-60">
          <Heading id={id} className="text-[0.9375rem] font-semibold tracking-[-0.005em]">
            {title}
          </Heading>
          {hint && <p className="mt-0.5 text-[0.8125rem] text-muted">{hint}</p>}
        </div>
        {actions && (
          <div data-print="no" className="flex flex-wrap items-center gap-1.5">
            {actions}
          </div>
        )}
      </header>
      <div className={cx("min-w-0 grow", flush ? "pb-1.5" : "px-4 pb-4 sm:px-5 sm:pb-5")}>
        {children}
      </div>
    </section>
  );
}
