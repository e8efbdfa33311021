/**
 * What we know of the way to the gateway, from the socket and from HTTP, and the one
 * word for it. Nothing here talks to the network; the links report what they saw.
 */
import { useEffect, useState } from "react";
import { createStore, type Store, useStore } from "@/lib/store";

export type Connection = "connecting" | "live" | "polling" | "offline";

export interface Facts {
  socket: "opening" | "open" | "closed";
  http: "unknown" | "ok" | "failing";
  /** When data last came from the gateway; null: not since the page was loaded. */
  confirmedAt: number | null;
  /** When the restored cache was saved; null: there was none. */
  restoredAt: number | null;
}

export const POLL_EVERY = 5_000;

export function connectionOf({ socket, http }: Facts): Connection {
  if (socket === "open") return "live";
  if (http === "failing") return "offline";
  if (socket === "opening" || http === "unknown") return "connecting";
  return "polling";
}

export class Transport {
  readonly facts: Store<Facts> = createStore<Facts>({
    socket: "opening",
    http: "unknown",
    confirmedAt: null,
    restoredAt: null,
  });
  readonly connection: Store<Connection> = createStore<Connection>("connecting");
  /** How many values the socket has brought. */
  pushes = 0;
  /** Told on each change of the word, with the one before. */
  onChange: (now: Connection, before: Connection) => void = () => {};

  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  private report(facts: Partial<Facts>): void {
    this.facts.set((previous) => ({ ...previous, ...facts }));
    const before = this.connection.get();
    const after = connectionOf(this.facts.get());
    if (after === before) return;
    this.connection.set(after);
    this.onChange(after, before);
  }

  socketOpened(): void {
    this.report({ socket: "open", http: "ok" });
  }

  /** Every failed attempt says so too; only the first one changes anything. */
  socketClosed(): void {
    if (this.facts.get().socket !== "closed") this.report({ socket: "closed" });
  }

  pushed(): void {
    this.pushes += 1;
    this.answered();
  }

  answered(): void {
    const { http, confirmedAt } = this.facts.get();
    // A second is fine enough for an age, and spares the readers.
    const at = this.now();
    if (http === "ok" && confirmedAt !== null && at - confirmedAt < 1_000) return;
    this.report({ http: "ok", confirmedAt: at });
  }

  unreachable(): void {
    if (this.facts.get().http !== "failing") this.report({ http: "failing" });
  }

  restored(savedAt: number): void {
    this.report({ restoredAt: savedAt });
  }
}

export const transport = new Transport();

function visible(): boolean {
  return document.visibilityState !== "hidden";
}

/** 0 unless we are polling and somebody is looking. */
export function usePollInterval(every: number = POLL_EVERY): number {
  const connection = useStore(transport.connection);
  const [seen, setSeen] = useState(visible);
  useEffect(() => {
    const update = () => setSeen(visible());
    document.addEventListener("visibilitychange", update);
    return () => document.removeEventListener("visibilitychange", update);
  }, []);
  return connection === "polling" && seen ? every : 0;
}
