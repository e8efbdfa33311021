/** What the mock gateway answers: a workspace of made data that can be changed, with its subscriptions. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GraphQLError } from "graphql";
import * as made from "./made-data.ts";
import { evaluation, offers } from "./made-offers.ts";
import { POSITION } from "./made-position.ts";
import { rule } from "./made-rules.ts";
import { listRates, mappings, run } from "./made-sync.ts";
import * as billing from "./workspace/billing.ts";
import * as negotiating from "./workspace/negotiating.ts";
import * as notifying from "./workspace/notifying.ts";
import { page, type Row } from "./workspace/page.ts";
import * as ruling from "./workspace/ruling.ts";
import * as syncing from "./workspace/syncing.ts";

const AREAS = [negotiating, billing, notifying, syncing, ruling];

export const SDL = readFileSync(join(import.meta.dirname, "..", "..", "schema", "schema.graphql"));

export class MockWorkspace {
  state = {
    revision: 480,
    version: 7,
    extra: 0,
    targets: { floorMargin: "0.35", targetMargin: "0.45", ceilingMargin: "0.6" } as made.Targets,
    milestones: made.milestones() as Row[],
    offers: offers() as Row[],
    invoices: made.invoices() as Row[],
    notifications: [] as Row[],
    rules: [rule()] as Row[],
    firings: [] as Row[],
    conflicts: [] as Row[],
    optOuts: [] as Row[],
    /** Those of the opted out who texted START since. */
    started: [] as string[],
    /** Newest first; one that is not settled is under way. */
    runs: [run()] as Row[],
    mappings: mappings() as Row[],
    listRates: listRates() as Row[],
    /** What differs from a queue that runs. */
    queue: {} as Row,
    empty: false,
    provenance: "FIXTURE",
    banner: true,
    otherSchema: false,
    position: POSITION as Row,
    /** The viewer's; what they may not have is refused. */
    roles: ["admin", "negotiator", "approver", "analyst"],
    /** Simulations that nobody has stopped listening to. */
    simulating: 0,
    /** Let simulations end. */
    finishSimulations: true,
    /** Milliseconds before an HTTP answer. */
    delay: 0,
    name: "Renewal 2027, Northwind Logistics",
  };
  private readonly waiting = new Set<() => void>();

  /** Something changed: a new revision, and every subscription gets its value. */
  bump(change: () => void = () => {}): void {
    change();
    this.state.revision += 1;
    for (const wake of [...this.waiting]) wake();
  }

  private health(): Row {
    const { state } = this;
    const sha = createHash("sha256").update(SDL).digest("hex");
    const component = (name: string, status: string, mode: string, message: string) => ({
      name,
      status,
      mode,
      message,
      lastOkAt: status === "OK" ? made.instant(-4_000) : null,
      latencyMs: status === "OK" ? 3 : null,
      lastError: null,
    });
    return {
      status: state.banner ? "DEGRADED" : "OK",
      components: [
        component("store", "OK", "sqlite", "Every change is on disk before it is answered."),
        component(
          "supabase",
          state.banner ? "DEGRADED" : "OK",
          "fixtures",
          "No credentials: demonstration data is shown. Set SUPABASE_URL and SUPABASE_KEY to read your own.",
        ),
        component(
          "twilio",
          state.banner ? "DEGRADED" : "OK",
          "queue",
          "No credentials: messages wait on disk. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM.",
        ),
        component("outbox", "OK", "durable", "Nothing is stuck."),
        component("live", "OK", "websocket", "4 subscriptions, 1 client."),
      ],
      queueDepth: state.notifications.filter((n) => n.status === "QUEUED").length,
      oldestQueuedSeconds: null,
      revision: state.revision,
      provenance: state.provenance,
      asOf: made.instant(-95_000),
      banner: state.banner
        ? {
            code: "DEGRADED",
            message:
              "Supabase is not set up: demonstration data is shown. Set SUPABASE_URL and SUPABASE_KEY to sync. Twilio is not set up: notifications wait in the queue. Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM (or TWILIO_MESSAGING_SERVICE_SID).",
            field: null,
          }
        : null,
      schemaVersion: state.otherSchema
        ? { version: "0123456789ab", sdlSha256: sha }
        : { version: sha.slice(0, 12), sdlSha256: sha },
    };
  }

  /** One more message in the queue, newest first. */
  message(known: Row = {}): Row {
    const notification: Row = {
      __typename: "Notification",
      id: `ntf-${this.state.notifications.length + 1}`,
      channel: "SMS",
      to: "+1•••••1234",
      body: "The margin moved.",
      status: "QUEUED",
      attempts: 0,
      providerId: null,
      error: null,
      queuedAt: made.instant(),
      dueAt: null,
      updatedAt: made.instant(),
      priority: "NORMAL",
      expiresAt: null,
      requestedBy: "Local operator",
      segments: 1,
      price: "0.0079",
      currency: "USD",
      history: [],
      ...known,
    };
    this.bump(() => this.state.notifications.unshift(notification));
    return notification;
  }

  set(rows: Row[], id: unknown, change: Row): Row | undefined {
    const index = rows.findIndex((row) => row.id === id);
    if (index < 0)
      throw new GraphQLError("There is no such thing.", { extensions: { code: "NOT_FOUND" } });
    rows[index] = { ...rows[index], ...change };
    this.bump();
    return rows[index];
  }

  protected root(): Row {
    const { state } = this;
    const health = () => this.health();
    return {
      ...Object.assign({}, ...AREAS.map(({ fields }) => fields(this))),
      health,
      changes: (args: Row) => page(state.empty ? [] : made.changes(), args),
      viewer: { id: "local", name: "Local operator", roles: state.roles },
      schemaVersion: () => health().schemaVersion,
      node: ({ id }: { id: string }) =>
        [...state.invoices, ...state.offers, ...state.notifications].find((row) => row.id === id) ??
        null,
      syncNow: () => ({
        components: health().components,
        revision: state.revision,
        userErrors: [],
      }),
    };
  }

  protected subscriptions(): Row {
    const topics: [string, (args: Row) => unknown][] = AREAS.flatMap(({ topics }) =>
      Object.entries(topics(this)),
    );
    topics.push(["healthUpdated", () => this.health()]);
    return {
      ...Object.fromEntries(
        topics.map(([name, value]) => [name, (args: Row) => this.stream(name, () => value(args))]),
      ),
      simulation: ({ input }: { input: { paths: number } }) => this.simulate(input.paths),
    };
  }

  /** Half of the futures at once, the rest when the test lets it end. */
  private async *simulate(paths: number): AsyncGenerator<Row> {
    this.state.simulating += 1;
    try {
      const figures = evaluation("0.45", "0.3817", 1_150_000, 28_200, "0.41", "COUNTER");
      yield { simulation: { progress: "0.5", paths: paths / 2, evaluation: null } };
      while (!this.state.finishSimulations) {
        await new Promise((resolve) => setTimeout(resolve, 50));
        yield { simulation: { progress: "0.5", paths: paths / 2, evaluation: null } };
      }
      yield { simulation: { progress: "1", paths, evaluation: { ...figures, paths } } };
    } finally {
      this.state.simulating -= 1;
    }
  }

  /** The present value, then one for each bump; ends with its reader. */
  private stream(name: string, value: () => unknown): AsyncIterableIterator<Row> {
    let pending = true;
    let ended = false;
    let resume: (() => void) | undefined;
    const wake = () => {
      pending = true;
      resume?.();
    };
    this.waiting.add(wake);
    const finish = async () => {
      ended = true;
      this.waiting.delete(wake);
      resume?.();
      return { value: undefined, done: true } as const;
    };
    return {
      next: async () => {
        while (!pending && !ended)
          await new Promise<void>((resolve) => {
            resume = resolve;
          });
        if (ended) return { value: undefined, done: true };
        pending = false;
        return { value: { [name]: value() }, done: false };
      },
      return: finish,
      throw: finish,
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}
