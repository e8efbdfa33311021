/** What was changed here and in Supabase at once: both values, and the choice. */
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { LoadedList } from "@/design/states";
import { toast } from "@/design/toast";
import {
  type ConflictForCardFragment as Conflict,
  type ConflictSide,
  ConflictsDocument,
} from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { formatCount } from "@/lib/money";
import { word } from "../words";
import { ConflictsSubscriber, OPEN_CONFLICTS } from "./subscribers";
import { useResolveConflict } from "./use-sync";

const CELL = "border-b border-line px-3 py-2 text-left align-top [overflow-wrap:anywhere]";

function Value({ value }: { value: string | null | undefined }) {
  return value == null ? <span className="text-muted">nothing</span> : value;
}

function Item({ conflict: c }: { conflict: Conflict }) {
  const { run, busy } = useResolveConflict();
  const now = useNow();
  const keep = async (side: ConflictSide) => {
    const { problem } = await run({ id: c.id, keep: side });
    if (problem) return announce(problem, () => void keep(side));
    toast.done({
      title: side === "OURS" ? "Ours is written over theirs" : "Theirs stays",
      detail: "Both values are on record.",
    });
  };
  return (
    <li data-testid="conflict" className="grid gap-3 px-4 py-4 sm:px-5">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
        <Chip tone="warn">{word(c.area)}</Chip>
        <code className="text-xs [overflow-wrap:anywhere]">{c.entityId}</code>
        <span className="text-[0.8125rem] text-muted" title={formatInstant(c.at)}>
          changed here by {c.actor}, {formatAge(now - Date.parse(c.at))} ago
        </span>
      </p>
      <div className="well overflow-x-auto">
        <table className="w-full border-separate border-spacing-0 text-sm">
          <caption className="sr-only">What differs</caption>
          <thead>
            <tr className="text-xs text-muted">
              <th scope="col" className={CELL}>
                Field
              </th>
              <th scope="col" className={CELL}>
                Ours
              </th>
              <th scope="col" className={CELL}>
                Theirs, which is in force
              </th>
            </tr>
          </thead>
          <tbody>
            {c.fields.map(({ path, ours, theirs }) => (
              <tr key={path}>
                <th scope="row" className={`${CELL} font-medium`}>
                  {word(path)}
                </th>
                <td className={CELL}>
                  <Value value={ours} />
                </td>
                <td className={CELL}>
                  <Value value={theirs} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div data-print="no" className="flex flex-wrap justify-end gap-2">
        <Button small disabled={busy} onClick={() => void keep("THEIRS")}>
          Keep theirs
        </Button>
        <Button small look="primary" busy={busy} onClick={() => void keep("OURS")}>
          Keep ours
        </Button>
      </div>
    </li>
  );
}

export function ConflictsCard() {
  const { data, ...screen } = useScreen(ConflictsDocument, OPEN_CONFLICTS);
  const list = data?.conflicts;
  // One that was just settled waits for the next push only in the list.
  const rows = list?.edges.map(({ node }) => node).filter(({ resolved }) => !resolved) ?? [];
  return (
    <LiquidGlassCard
      testId="conflicts"
      title="Conflicts"
      hint={
        rows.length > 0
          ? `${formatCount(list?.totalCount ?? 0)} to decide: two people changed one record. Nothing is lost until somebody chooses`
          : "Where one record was changed here and in Supabase"
      }
      flush
    >
      <ConflictsSubscriber />
      <LoadedList
        screen={screen}
        part={list}
        what="Conflicts are for negotiators and administrators"
        rows={2}
      >
        {rows.length === 0 ? (
          <p className="px-4 pb-4 text-sm sm:px-5">No conflict waits for a decision.</p>
        ) : (
          <ul className="divide-y divide-line">
            {rows.map((conflict) => (
              <Item key={conflict.id} conflict={conflict} />
            ))}
          </ul>
        )}
      </LoadedList>
    </LiquidGlassCard>
  );
}
