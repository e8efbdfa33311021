/** Three margins to play with; nothing is saved until one says so. */
import { useId } from "react";
import { Button } from "@/design/button";
import type { NegotiationForScreenFragment } from "@/gql/graphql";
import { shiftPoint } from "@/lib/decimal";
import { formatRatio } from "@/lib/money";
import { isPercentage, LEVELS, type Level, type useWhatIf } from "./what-if";

type WhatIf = ReturnType<typeof useWhatIf>;
export type SavedTargets = NegotiationForScreenFragment["targets"];

export function savedPercent(saved: SavedTargets, level: Level): string {
  return shiftPoint(saved[`${level}Margin`], 2);
}

function Control({ level, whatIf, saved }: { level: Level; whatIf: WhatIf; saved: SavedTargets }) {
  const id = useId();
  const value = whatIf.margins[level] ?? savedPercent(saved, level);
  const wrong = !isPercentage(value);
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="flex justify-between text-[0.8125rem]">
        <span className="font-medium capitalize">{level}</span>
        <span className="text-muted">saved {formatRatio(saved[`${level}Margin`], 2)}</span>
      </label>
      <div className="flex items-center gap-3">
        <input
          type="range"
          aria-label={`${level} margin, slider`}
          min={0}
          max={99}
          step={0.5}
          value={wrong ? 0 : value}
          onChange={(event) => whatIf.set(level, event.target.value)}
          className="h-6 min-w-0 grow accent-accent"
        />
        <span className="relative w-22 shrink-0">
          <input
            id={id}
            inputMode="decimal"
            value={value}
            aria-invalid={wrong || undefined}
            onChange={(event) => whatIf.set(level, event.target.value.replace(",", "."))}
            className="h-9 w-full rounded-xl bg-raised pr-7 pl-2.5 text-right text-sm tabular ring-1 ring-edge/60 ring-inset aria-invalid:ring-2 aria-invalid:ring-bad"
          />
          <span
            aria-hidden
            className="absolute inset-y-0 right-2.5 grid place-items-center text-sm text-muted"
          >
            %
          </span>
        </span>
      </div>
    </div>
  );
}

export function WhatIfPanel({
  whatIf,
  saved,
  onSave,
}: {
  whatIf: WhatIf;
  saved: SavedTargets;
  /** Absent: the viewer may look, not save. */
  onSave?: () => void;
}) {
  return (
    <section aria-label="What if" data-print="no" className="well mt-4 grid gap-4 p-4 arrive">
      <div className="grid gap-x-8 gap-y-3 @2xl:grid-cols-3">
        {LEVELS.map((level) => (
          <Control key={level} level={level} whatIf={whatIf} saved={saved} />
        ))}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-2 text-[0.8125rem]">
        <p role="status" className={whatIf.problem ? "font-medium text-bad" : "text-muted"}>
          {whatIf.problem
            ? whatIf.problem.message
            : whatIf.active
              ? "You see a what-if. The saved targets are untouched; the address can be shared."
              : "Move a margin: every figure above follows. Nothing is saved."}
        </p>
        <div className="flex gap-2">
          <Button small look="bare" disabled={!whatIf.active} onClick={whatIf.reset}>
            Reset
          </Button>
          {onSave && (
            <Button small look="primary" disabled={!whatIf.active} onClick={onSave}>
              Save as targets…
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}
