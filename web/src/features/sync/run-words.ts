/** An import run in words. */
import type { Tone } from "@/design/chip";
import type { ImportState, RunForCardFragment as Run } from "@/gql/graphql";
import { formatCount } from "@/lib/money";

export const RUN_STATE: Record<ImportState, { says: string; tone: Tone }> = {
  QUEUED: { says: "waits", tone: "accent" },
  RUNNING: { says: "running", tone: "accent" },
  DONE: { says: "done", tone: "good" },
  FAILED: { says: "failed", tone: "bad" },
};

const rows = (count: number, what: string) =>
  `${formatCount(count)} ${count === 1 ? "row" : "rows"} ${what}`;

/** "1,204 rows read, 80 rows new or changed (3 rows restated), 54 price lists" */
export function outcome(run: Run): string {
  const written = rows(run.rowsWritten, run.dryRun ? "would be new or changed" : "new or changed");
  return [
    rows(run.rowsRead, "read"),
    run.rowsRestated > 0 ? `${written} (${formatCount(run.rowsRestated)} restated)` : written,
    ...(run.pricing
      ? [
          `${formatCount(run.pricesRead)} of ${formatCount(run.pricesTotal)} price ${run.pricesTotal === 1 ? "list" : "lists"}`,
        ]
      : []),
  ].join(", ");
}
