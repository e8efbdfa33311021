/** Each part in its own words: what is so, since when, and what to do about it. */
import { useQuery } from "@apollo/client/react";
import { CircleAlert, CircleCheck, RefreshCw, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { schemaVersion } from "@/apollo/schema-version";
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip, type Tone } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { Refused } from "@/design/states";
import { toast } from "@/design/toast";
import {
  type ComponentForHealthFragment,
  HealthDocument,
  type HealthStatus,
  NotificationQueueDocument,
} from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { formatCount } from "@/lib/money";
import { queueState } from "../notifications/queue-words";
import { NotificationQueueSubscriber } from "../notifications/subscriber";
import { STAFF, useMay } from "../shell/use-may";
import { word } from "../words";
import { LastTrouble } from "./last-trouble";
import { useSyncNow } from "./use-sync-now";

const STATUS: Record<HealthStatus, { tone: Tone; icon: ReactNode }> = {
  OK: { tone: "good", icon: <CircleCheck aria-hidden className="size-3.5" /> },
  DEGRADED: { tone: "warn", icon: <TriangleAlert aria-hidden className="size-3.5" /> },
  DOWN: { tone: "bad", icon: <CircleAlert aria-hidden className="size-3.5" /> },
};

function StatusChip({ status }: { status: HealthStatus }) {
  const look = STATUS[status] ?? STATUS.DEGRADED;
  return (
    <Chip tone={look.tone} icon={look.icon}>
      {word(status)}
    </Chip>
  );
}

/** The outbox in plain words: what waits, for how long, what stops it, and where to help. */
function Sending() {
  const { data } = useQuery(NotificationQueueDocument);
  const now = useNow();
  const queue = data?.notificationQueue;
  if (!queue) return null;
  const stuck = [
    queue.failed > 0 && `${formatCount(queue.failed)} failed`,
    queue.unconfirmed > 0 && `${formatCount(queue.unconfirmed)} may have arrived or not`,
  ].filter((each) => each !== false);
  const says = [
    queue.pause &&
      `Paused by ${queue.pause.by}, ${formatAge(now - Date.parse(queue.pause.since))} ago: ${queue.pause.reason}`,
    !queue.pause && queue.ready && queue.circuit !== "CLOSED" && queueState(queue).says,
    stuck.length > 0 && `${stuck.join(", ")}: look at each, and retry or cancel it.`,
  ].filter((each) => typeof each === "string");
  return (
    <div className="well grid gap-1 px-3.5 py-2.5 text-sm" data-testid="health-queue">
      <NotificationQueueSubscriber />
      {says.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <Link
        href={
          stuck.length > 0 ? "/notifications?status=FAILED&status=UNCONFIRMED" : "/notifications"
        }
        className="text-[0.8125rem] font-medium text-accent hover:underline"
      >
        {queue.pause ? "Resume it in the queue" : "See the queue"}
      </Link>
    </div>
  );
}

function Component({ component: c }: { component: ComponentForHealthFragment }) {
  const now = useNow();
  return (
    <li
      data-testid={`health-${c.name}`}
      data-state={c.status}
      className="panel grid content-start gap-2 p-5"
    >
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="font-semibold capitalize">{c.name}</h2>
        <StatusChip status={c.status} />
        <span className="ml-auto text-[0.8125rem] text-muted">{c.mode}</span>
      </div>
      <p className="text-sm">{c.message}</p>
      {c.name === "outbox" && <Sending />}
      <LastTrouble component={c} />
      <p className="text-[0.8125rem] text-muted">
        {c.lastOkAt ? (
          <span title={formatInstant(c.lastOkAt)}>
            last good {formatAge(now - Date.parse(c.lastOkAt))} ago
          </span>
        ) : (
          c.status !== "OK" && "not used yet"
        )}
        {c.latencyMs != null && ` · ${formatCount(c.latencyMs)} ms`}
      </p>
    </li>
  );
}

export default function HealthScreen() {
  const { data, loading, problem, retry } = useScreen(HealthDocument);
  const sync = useSyncNow();
  const may = useMay(STAFF);
  const now = useNow();
  const health = data?.health;
  const syncNow = async () => {
    const { problem: failure } = await sync.run({});
    if (failure) announce(failure, () => void syncNow());
    else toast.done({ title: "Synced" });
  };
  if (problem)
    return (
      <Refused
        problem={problem}
        what="The state of each part is for the buyer’s people only"
        onRetry={retry}
      />
    );
  if (loading || !health)
    return (
      <div className="panel py-3">
        <SkeletonRows rows={8} />
      </div>
    );
  const facts: [string, ReactNode][] = [
    [
      "Queue",
      health.queueDepth === 1
        ? "1 message waiting"
        : `${formatCount(health.queueDepth)} messages waiting`,
    ],
    [
      "Oldest in the queue",
      health.oldestQueuedSeconds == null ? "–" : formatAge(health.oldestQueuedSeconds * 1000),
    ],
    ["Revision", formatCount(health.revision)],
    ["Data", `${word(health.provenance)}, ${formatAge(now - Date.parse(health.asOf))} old`],
    [
      "Schema",
      health.schemaVersion.version === schemaVersion
        ? schemaVersion
        : `${health.schemaVersion.version}, this page ${schemaVersion}`,
    ],
  ];
  return (
    <>
      <PageTitle>Health</PageTitle>
      <LiquidGlassCard
        title={
          <span className="flex items-center gap-2">
            The whole <StatusChip status={health.status} />
          </span>
        }
        actions={
          may && (
            <Button small busy={sync.busy} onClick={() => void syncNow()}>
              <RefreshCw aria-hidden className="size-3.5" />
              Sync now
            </Button>
          )
        }
      >
        <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-3 lg:grid-cols-5">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt className="text-[0.8125rem] text-muted">{name}</dt>
              <dd className="text-sm font-medium tabular">{value}</dd>
            </div>
          ))}
        </dl>
      </LiquidGlassCard>
      <ul className="grid grid-cols-1 gap-4 sm:grid-cols-2 sm:gap-5 3xl:grid-cols-3">
        {health.components.map((component) => (
          <Component key={component.name} component={component} />
        ))}
      </ul>
    </>
  );
}
