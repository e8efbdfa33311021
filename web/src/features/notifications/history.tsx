/** One message's way: each try, what was asked of the provider, what it reported. */
import { useQuery } from "@apollo/client/react";
import { explain } from "@/apollo/problem";
import { Chip } from "@/design/chip";
import { SkeletonRows } from "@/design/skeleton";
import { Failed } from "@/design/states";
import {
  type NotificationForQueueFragment as Notification,
  NotificationHistoryDocument,
  type NotificationHistoryQuery,
} from "@/gql/graphql";
import { formatInstant } from "@/lib/dates";
import { formatCount, formatPrice } from "@/lib/money";
import { ATTEMPT, word } from "../words";

type Line = Extract<
  NonNullable<NotificationHistoryQuery["node"]>,
  { __typename?: "Notification" }
>["history"][number];

/** "0.4 s", "12 s": how long a try took. */
function took({ startedAt, endedAt }: Line): string | null {
  const seconds = (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  if (!(seconds > 0)) return null;
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${formatCount(Math.round(seconds))} s`;
}

function Attempt({ line }: { line: Line }) {
  const look = ATTEMPT[line.outcome] ?? { says: word(line.outcome), tone: "plain" };
  const duration = took(line);
  return (
    <li className="grid gap-0.5">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="font-medium">Try {line.number}</span>
        <Chip tone={look.tone}>{look.says}</Chip>
        <span className="text-[0.8125rem] text-muted tabular">
          {formatInstant(line.startedAt)}
          {duration && ` · ${duration}`}
          {line.lookedUp && " · looked up"}
          {line.providerId && ` · ${line.providerId}`}
        </span>
      </p>
      {line.error && (
        <p className="text-[0.8125rem] text-muted">
          {line.error.message} ({line.error.code})
        </p>
      )}
    </li>
  );
}

export function History({ notification: n }: { notification: Notification }) {
  const { data, loading, error, refetch } = useQuery(NotificationHistoryDocument, {
    variables: { id: n.id },
  });
  const node = data?.node;
  const lines = node && "history" in node ? node.history : undefined;
  const facts: [string, string][] = [
    ["Asked for by", n.requestedBy],
    ["Queued", formatInstant(n.queuedAt)],
    ...(n.expiresAt ? [["Not after", formatInstant(n.expiresAt)] as [string, string]] : []),
    ["Priority", word(n.priority)],
    [
      "Costs",
      `${formatCount(n.segments)} ${n.segments === 1 ? "segment" : "segments"}, ${formatPrice(n.price, n.currency)} each time it is sent`,
    ],
    ...(n.providerId ? [["The provider’s id", n.providerId] as [string, string]] : []),
  ];
  return (
    <div className="well mt-2 grid gap-3 px-4 py-3 text-sm" data-testid="notification-history">
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="[overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
      {error && !lines ? (
        <Failed title={explain(error).message} onRetry={() => void refetch().catch(() => {})} />
      ) : loading && !lines ? (
        <SkeletonRows rows={2} />
      ) : !lines || lines.length === 0 ? (
        <p className="text-muted">No try yet.</p>
      ) : (
        <ol className="grid gap-2">
          {lines.map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a history only grows at its end
            <Attempt key={i} line={line} />
          ))}
        </ol>
      )}
    </div>
  );
}
