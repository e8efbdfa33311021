/** The two words that say how far to trust the page. */
import {
  CloudOff,
  FlaskConical,
  History,
  LoaderCircle,
  Radio,
  RefreshCw,
  ShieldCheck,
} from "lucide-react";
import { type Connection, POLL_EVERY, transport } from "@/apollo/transport";
import type { Tone } from "@/design/chip";
import { StatusPill } from "@/design/status-pill";
import type { Provenance } from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { useStore } from "@/lib/store";

const ICON = "size-3.5";

const CONNECTIONS: Record<Connection, { tone: Tone; icon: React.ReactNode; explanation: string }> =
  {
    connecting: {
      tone: "plain",
      icon: <LoaderCircle className={`${ICON} animate-spin`} />,
      explanation: "Opening the live connection to the gateway",
    },
    live: {
      tone: "good",
      icon: <Radio className={ICON} />,
      explanation: "Changes arrive as they happen",
    },
    polling: {
      tone: "warn",
      icon: <RefreshCw className={ICON} />,
      explanation: `The live connection is down; asking every ${POLL_EVERY / 1000} seconds`,
    },
    offline: {
      tone: "bad",
      icon: <CloudOff className={ICON} />,
      explanation: "The gateway does not answer; trying again by itself",
    },
  };

export function ConnectionPill() {
  const connection = useStore(transport.connection);
  return (
    <StatusPill
      testId="pill-connection"
      state={connection}
      word={connection}
      {...CONNECTIONS[connection]}
    />
  );
}

export type DataState = "live" | "cached" | "fixture";

export interface DataFacts {
  connection: Connection;
  confirmedAt: number | null;
  restoredAt: number | null;
  provenance: Provenance | undefined;
  asOf: string | undefined;
}

/** What the figures are, and since when: never better than they are. */
export function dataState(facts: DataFacts): { state: DataState; since: number | null } {
  const { connection, confirmedAt, restoredAt, provenance, asOf } = facts;
  const at = asOf ? Date.parse(asOf) : null;
  if (!provenance || confirmedAt === null || connection === "offline")
    return { state: "cached", since: confirmedAt ?? restoredAt };
  if (provenance === "FIXTURE") return { state: "fixture", since: at };
  if (provenance === "CACHED") return { state: "cached", since: at };
  return { state: "live", since: confirmedAt };
}

const DATA: Record<DataState, { tone: Tone; icon: React.ReactNode; says: string }> = {
  live: { tone: "good", icon: <ShieldCheck className={ICON} />, says: "From the source" },
  cached: { tone: "warn", icon: <History className={ICON} />, says: "The last known figures" },
  fixture: {
    tone: "cool",
    icon: <FlaskConical className={ICON} />,
    says: "Demonstration data, not a real account",
  },
};

export function DataPill({
  provenance,
  asOf,
}: {
  provenance: Provenance | undefined;
  asOf: string | undefined;
}) {
  const connection = useStore(transport.connection);
  const { confirmedAt, restoredAt } = useStore(transport.facts);
  const now = useNow();
  const { state, since } = dataState({ connection, confirmedAt, restoredAt, provenance, asOf });
  const demo = state === "cached" && provenance === "FIXTURE" ? " Demonstration data." : "";
  return (
    <StatusPill
      testId="pill-data"
      state={state}
      word={provenance ? state : "no data"}
      detail={!provenance || since === null ? undefined : formatAge(now - since)}
      tone={DATA[state].tone}
      icon={DATA[state].icon}
      explanation={`${provenance ? DATA[state].says : "Nothing has arrived yet"}${since === null ? "" : `, as of ${formatInstant(since)}`}.${demo}`}
    />
  );
}
