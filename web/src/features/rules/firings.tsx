/** What rules said, to whom, or why they held it back. */
import { BellOff } from "lucide-react";
import { useScreen } from "@/apollo/use-screen";
import { Chip, type Tone } from "@/design/chip";
import { type Column, CsvButton } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Empty, LoadedList } from "@/design/states";
import {
  type FiringForListFragment as Firing,
  type FiringOutcome,
  RuleFiringsDocument,
} from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { formatCount } from "@/lib/money";
import { NOTIFICATION_STATUS, word } from "../words";
import { FIRINGS_PAGE } from "./subscribers";

const OUTCOME: Record<FiringOutcome, { says: string; tone: Tone }> = {
  QUEUED: { says: "told", tone: "good" },
  SCHEDULED: { says: "waits for the morning", tone: "accent" },
  HELD_BACK: { says: "held back", tone: "warn" },
};

const CSV: Column<Firing>[] = [
  { key: "at", title: "at", value: (f) => f.at },
  { key: "rule", title: "rule", value: (f) => f.ruleName },
  { key: "kind", title: "kind", value: (f) => f.kind },
  { key: "subject", title: "subject", value: (f) => f.subject },
  { key: "outcome", title: "outcome", value: (f) => f.outcome },
  { key: "test", title: "test", value: (f) => f.test },
  { key: "body", title: "body", value: (f) => f.body },
  { key: "to", title: "to", value: (f) => f.notifications.map((n) => n.to).join(" ") },
  { key: "heldBack", title: "heldBack", value: (f) => f.heldBack.map((h) => h.message).join(" ") },
];

function Item({ firing: f }: { firing: Firing }) {
  const now = useNow();
  const outcome = OUTCOME[f.outcome] ?? { says: word(f.outcome), tone: "plain" };
  return (
    <li data-testid="rule-firing" data-state={f.outcome} className="grid gap-1 px-4 py-3 sm:px-5">
      <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Chip tone={outcome.tone}>{outcome.says}</Chip>
        <span className="text-sm font-medium">{f.ruleName}</span>
        {f.test && <Chip>test</Chip>}
        <span className="text-[0.8125rem] text-muted" title={formatInstant(f.at)}>
          {formatAge(now - Date.parse(f.at))} ago
          {f.sendAt && ` · goes out ${formatInstant(f.sendAt)}`}
        </span>
      </p>
      <p className="text-sm [overflow-wrap:anywhere]">{f.body}</p>
      {f.notifications.length > 0 && (
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-[0.8125rem] text-muted">
          {f.notifications.map((n) => (
            <span key={n.id} className="inline-flex items-center gap-1.5 tabular">
              {n.to}
              <Chip tone={NOTIFICATION_STATUS[n.status] ?? "plain"}>{word(n.status)}</Chip>
            </span>
          ))}
        </p>
      )}
      {f.heldBack.map((why) => (
        <p key={why.code + why.message} className="text-[0.8125rem] text-warn">
          {why.message}
        </p>
      ))}
    </li>
  );
}

export function Firings() {
  const { data, ...screen } = useScreen(RuleFiringsDocument, {
    first: FIRINGS_PAGE,
  });
  const list = data?.ruleFirings;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  return (
    <LiquidGlassCard
      title="What they said"
      hint={
        list && list.totalCount > 0
          ? `${formatCount(list.totalCount)} times, newest first`
          : undefined
      }
      flush
      testId="rule-firings"
      actions={<CsvButton name="rule-firings" rows={rows} columns={CSV} />}
    >
      <LoadedList screen={screen} part={list} what="This is for the buyer’s people only" rows={4}>
        {rows.length === 0 ? (
          <Empty
            title="No rule has said anything yet"
            icon={<BellOff className="size-7" strokeWidth={1.5} />}
          >
            When what a rule watches comes true, it is told once, and stands here.
          </Empty>
        ) : (
          <ul className="divide-y divide-line">
            {rows.map((firing) => (
              <Item key={firing.id} firing={firing} />
            ))}
          </ul>
        )}
      </LoadedList>
    </LiquidGlassCard>
  );
}
