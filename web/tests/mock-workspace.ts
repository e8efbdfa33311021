/** What the mock gateway answers: a workspace of made data that can be changed, with its subscriptions. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { GraphQLError } from "graphql";
import * as made from "./made-data.ts";
import {
  counterOffers,
  draft,
  evaluation,
  forecast,
  offerDiff,
  offers,
  TERMS,
} from "./made-offers.ts";
import { commitmentPace, POSITION, secrets, tierProjection } from "./made-position.ts";
import { firing, RULE_KINDS, rule, rulePreview } from "./made-rules.ts";
import { listRates, mappings, rate, run } from "./made-sync.ts";

export const SDL = readFileSync(join(import.meta.dirname, "..", "..", "schema", "schema.graphql"));

type Row = Record<string, unknown>;

/** As many rows as the gateway has in a page. */
const MOST = 200;

function page(nodes: Row[], { first = 50, after }: { first?: number; after?: string | null }) {
  if (first > MOST)
    throw new GraphQLError(`A page has at most ${MOST} rows.`, {
      extensions: { code: "LIMIT_EXCEEDED" },
    });
  const from = after ? Number(after) : 0;
  const slice = nodes.slice(from, from + first);
  return {
    edges: slice.map((node, i) => ({ cursor: String(from + i + 1), node })),
    pageInfo: {
      hasNextPage: from + first < nodes.length,
      hasPreviousPage: from > 0,
      startCursor: slice.length ? String(from + 1) : null,
      endCursor: slice.length ? String(from + slice.length) : null,
    },
    totalCount: nodes.length,
  };
}
const segmentsOf = (body: string) => (body.length <= 160 ? 1 : Math.ceil(body.length / 153));

function refusedNumber(to: unknown, field: string): Row | null {
  if (!to || /^\+\d{8,15}$/.test(String(to))) return null;
  return { code: "BAD_USER_INPUT", message: "The recipient is not a phone number.", field };
}

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

  private negotiation(): Row | null {
    const { state } = this;
    if (state.empty) return null;
    return {
      __typename: "Negotiation",
      id: "neg-1",
      name: state.name,
      vendor: "Twilio",
      buyer: "Northwind Logistics",
      currency: "USD",
      status: "OPEN",
      version: state.version,
      provenance: state.provenance,
      asOf: made.instant(-95_000),
      usageFrom: made.day(-90),
      usageTo: made.day(-1),
      targets: state.targets,
      envelope: (args: Partial<made.Targets>) => {
        for (const [name, value] of Object.entries(args))
          if (value != null && !(Number(made.ratio(value, "0")) < 1))
            throw new GraphQLError("A margin is below 100 %.", {
              extensions: {
                code: "BAD_USER_INPUT",
                fields: [{ path: name, message: "Below 100 %." }],
              },
            });
        return made.envelope(
          {
            floorMargin: made.ratio(args.floorMargin, state.targets.floorMargin),
            targetMargin: made.ratio(args.targetMargin, state.targets.targetMargin),
            ceilingMargin: made.ratio(args.ceilingMargin, state.targets.ceilingMargin),
          },
          state.extra,
        );
      },
      streams: () => made.streams(state.extra),
      ladder: { tiers: made.TIERS, basis: "LIST", application: "CLIFF", windowDays: 90 },
      trailing90: () => made.trailing(state.extra),
      dailySpend: () => made.dailySpend(),
      milestones: state.milestones,
      dates: {
        start: made.day(-300),
        end: made.day(118),
        lastNoticeDay: made.day(43),
        autoRenews: true,
        daysToNotice: 43,
        daysToEnd: 118,
      },
      rounds: () =>
        [1, 2].map((number) => ({
          number,
          offers: state.offers.filter((o) => o.round === number),
        })),
      offer: ({ id }: { id: string }) => state.offers.find((o) => o.id === id) ?? null,
      draft: ({ terms }: { terms: Record<string, Record<string, unknown>>[] }) => {
        this.refuseFaulty(terms);
        return draft(terms);
      },
      offerDiff,
      ...secrets(state.position, state.offers[0]),
      commitmentPace,
      tierProjection,
      forecast,
      counterOffers: ({ k }: { k: number }) => counterOffers(k),
      skus: (args: { first?: number; after?: string }) => page(made.skus(), args),
    };
  }

  private refuseFaulty(terms: Record<string, Record<string, unknown>>[]): void {
    const fields = terms.flatMap((term, i) =>
      Number(term.commitment?.amount ?? 0) < 0
        ? [
            {
              path: `terms.${i}.amount`,
              code: "COMMITMENT_NEGATIVE",
              message: `The commitment is ${term.commitment?.amount}.`,
              hint: "A commitment is 0 or more.",
            },
          ]
        : [],
    );
    if (fields.length > 0)
      throw new GraphQLError(fields.map(({ message }) => message).join(" "), {
        extensions: { code: "BAD_USER_INPUT", fields },
      });
  }

  private invoices(args: {
    filter?: { search?: string; status?: string[] };
    first?: number;
    after?: string;
  }) {
    const search = args.filter?.search?.toLowerCase();
    const status = args.filter?.status;
    const rows = this.state.empty
      ? []
      : this.state.invoices.filter(
          (i) =>
            (!search || String(i.number).toLowerCase().includes(search)) &&
            (!status?.length || status.includes(String(i.status))),
        );
    const currencies = [...new Set(rows.map((i) => String(i.currency)))];
    return {
      ...page(rows, args),
      totals: currencies.map((currency) => {
        const own = rows.filter((i) => i.currency === currency);
        const total = (pick: (i: Row) => unknown) =>
          own.reduce((sum, i) => sum + Number(pick(i) ?? 0), 0).toFixed(2);
        return {
          currency,
          amount: total((i) => i.amount),
          outstanding: total((i) => (i.status === "PAID" ? 0 : i.amount)),
          disputed: total((i) => i.disputedAmount),
          count: own.length,
        };
      }),
    };
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

  private importRows(input: { csv: string; dryRun?: boolean }) {
    const lines = input.csv.trim().split(/\r?\n/);
    const header = (lines[0] ?? "").split(",");
    const rows = lines.slice(1).flatMap((line, i) => {
      const cells = line.split(",");
      const errors: Row[] = [];
      if (cells.length > header.length)
        errors.push({
          row: i + 2,
          column: header[3] ?? null,
          message: `“${cells.slice(3, -2).join(",")}” is not an amount: write 1234.56 or "1,234.56".`,
        });
      if (/\d{4}-\d\d-3[2-9]|\d{4}-1[3-9]|\d{4}-02-3\d/.test(line))
        errors.push({ row: i + 2, column: "period_end", message: "There is no such day." });
      return errors;
    });
    const bad = new Set(rows.map((r) => r.row)).size;
    if (bad === 0 && !input.dryRun)
      this.bump(() => {
        this.state.extra += 1_250.25;
      });
    return {
      accepted: bad > 0 ? 0 : lines.length - 1,
      unchanged: 0,
      rejected: bad,
      restated: bad > 0 ? 0 : 1,
      listDelta: bad > 0 ? "0" : "0.83",
      currency: "USD",
      restatements:
        bad > 0
          ? []
          : [
              {
                day: "2026-11-02",
                sku: "sms-outbound-us",
                before: "1000",
                after: "1100",
                revision: 480,
                listDelta: "0.83",
              },
            ],
      warnings: [],
      rows,
      revision: bad === 0 && !input.dryRun ? this.state.revision : null,
      userErrors:
        bad === 0
          ? []
          : [
              {
                code: "ROWS_REFUSED",
                message: `Nothing was imported: ${bad} rows are at fault.`,
                field: null,
              },
            ],
    };
  }

  private queue(body: string, to: unknown, known: Row = {}) {
    return {
      notification: this.message({ body, to: to ?? "+1•••••1234", ...known }),
      userErrors: [],
    };
  }

  private notificationQueue(): Row {
    const { notifications, queue } = this.state;
    const count = (...states: string[]) =>
      notifications.filter(({ status }) => states.includes(String(status))).length;
    return {
      __typename: "NotificationQueue",
      pause: null,
      waiting: count("QUEUED", "SENDING"),
      scheduled: 0,
      oldestAt: null,
      oldestSeconds: null,
      failed: count("FAILED"),
      unconfirmed: count("UNCONFIRMED"),
      sent: count("SENT", "DELIVERED"),
      spent: (count("SENT", "DELIVERED") * 0.0079).toFixed(4),
      budget: "5.00",
      currency: "USD",
      ready: true,
      circuit: "CLOSED",
      probeIn: null,
      perSecond: 1,
      ...queue,
    };
  }

  private conflicts(args: { open?: boolean; first?: number }) {
    return page(
      this.state.conflicts.filter(({ resolved }) => args.open == null || resolved !== args.open),
      args,
    );
  }

  private twilioImport(): Row {
    const { runs, mappings } = this.state;
    const settled = (row: Row) => row.state === "DONE" || row.state === "FAILED";
    return {
      __typename: "TwilioImport",
      configured: true,
      message: "Usage is current.",
      dailyAt: 5,
      nextRunAt: made.instant(3_600_000),
      unmapped: mappings.filter(({ rule }) => rule === "UNMAPPED").length,
      current: runs.find((row) => !settled(row)) ?? null,
      last: runs.find(settled) ?? null,
      runs,
    };
  }

  private nextVersion(id: unknown): number {
    return Number(this.state.rules.find((known) => known.id === id)?.version ?? 0) + 1;
  }

  private saveRule(input: Row): Row {
    const { rules, revision } = this.state;
    const { problems } = rulePreview(input) as {
      problems: { field: string; message: string }[];
    };
    if (problems.length > 0)
      throw new GraphQLError("The rule cannot be saved.", {
        extensions: {
          code: "BAD_USER_INPUT",
          fields: problems.map(({ field, message }) => ({ path: field, message })),
        },
      });
    const known = rules.find(({ id }) => id === input.id);
    if (known && known.version !== input.version)
      throw new GraphQLError("The rule was changed meanwhile.", {
        extensions: { code: "CONFLICT", currentVersion: known.version },
      });
    const text = input.template ?? RULE_KINDS.find(({ kind }) => kind === input.kind)?.text;
    const saved = known
      ? this.set(rules, known.id, { ...input, text, version: Number(known.version) + 1 })
      : rule({ ...input, id: `rule-${rules.length + 1}`, text, version: 1 });
    if (!known) this.bump(() => rules.push(saved as Row));
    return { rule: saved, revision, userErrors: [] };
  }

  private pause(pause: Row | null): Row {
    this.bump(() => {
      this.state.queue = { ...this.state.queue, pause };
    });
    return { queue: this.notificationQueue(), userErrors: [] };
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

  private set(rows: Row[], id: unknown, change: Row): Row | undefined {
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
    const negotiation = () => this.negotiation();
    return {
      negotiation,
      health,
      invoices: (args: Row) => this.invoices(args),
      notifications: (args: { status?: string[]; first?: number; after?: string }) =>
        page(
          state.notifications.filter(
            ({ status }) => !args.status || args.status.includes(String(status)),
          ),
          args,
        ),
      notificationPreview: ({ body, to }: { body: string; to?: string | null }) => {
        const segments = segmentsOf(body);
        return {
          encoding: "GSM_7",
          characters: body.length,
          units: body.length,
          segments,
          price: (segments * 0.0079).toFixed(4),
          currency: "USD",
          refusal: refusedNumber(to, "to"),
        };
      },
      notificationsPreview: ({ inputs }: { inputs: Row[] }) => {
        const items = inputs.map(({ to, body }, index) => {
          const refusal = refusedNumber(to, `inputs.${index}.to`);
          return {
            index,
            segments: segmentsOf(String(body)),
            userErrors: refusal ? [refusal] : [],
          };
        });
        const taken = items.filter(({ userErrors }) => userErrors.length === 0);
        const segments = taken.reduce((sum, item) => sum + item.segments, 0);
        return {
          items,
          queued: taken.length,
          segments,
          price: (segments * 0.0079).toFixed(4),
          currency: "USD",
        };
      },
      changes: (args: Row) => page(state.empty ? [] : made.changes(), args),
      viewer: {
        id: "local",
        name: "Local operator",
        roles: state.roles,
      },
      schemaVersion: () => health().schemaVersion,
      node: ({ id }: { id: string }) =>
        [...state.invoices, ...state.offers, ...state.notifications].find((row) => row.id === id) ??
        null,
      setTargets: ({ input }: { input: Row }) => {
        if (input.version != null && input.version !== state.version)
          throw new GraphQLError("The negotiation was changed meanwhile.", {
            extensions: { code: "CONFLICT", currentVersion: state.version },
          });
        if (input.targetMargin === "99%")
          throw new GraphQLError("The target cannot be reached.", {
            extensions: {
              code: "BAD_USER_INPUT",
              correlationId: "c0ffee00",
              fields: [{ path: "input.targetMargin", message: "No vendor can keep 99 %." }],
            },
          });
        this.bump(() => {
          state.version += 1;
          state.targets = {
            floorMargin: made.ratio(input.floorMargin as string, state.targets.floorMargin),
            targetMargin: made.ratio(input.targetMargin as string, state.targets.targetMargin),
            ceilingMargin: made.ratio(input.ceilingMargin as string, state.targets.ceilingMargin),
          };
        });
        return { negotiation, revision: state.revision, userErrors: [] };
      },
      setPosition: ({ input }: { input: Row }) => {
        if (input.version != null && input.version !== state.version)
          throw new GraphQLError("The negotiation was changed meanwhile.", {
            extensions: { code: "CONFLICT", currentVersion: state.version },
          });
        if (Number(input.shortfallLimit ?? 0) > 1)
          throw new GraphQLError("A limit is a share.", {
            extensions: {
              code: "BAD_USER_INPUT",
              fields: [{ path: "input.shortfallLimit", message: "From 0 to 1." }],
            },
          });
        const { negotiationId: _, version: __, ...changed } = input;
        this.bump(() => {
          state.version += 1;
          state.position = { ...state.position, ...changed };
        });
        return { negotiation, revision: state.revision, userErrors: [] };
      },
      decideMilestone: ({ input }: { input: Row }) => {
        const status = { APPROVE: "APPROVED", REJECT: "REJECTED", REOPEN: "PENDING" }[
          String(input.decision)
        ];
        const milestone = this.set(state.milestones, input.milestoneId, {
          status,
          late: false,
          decidedBy: status === "PENDING" ? null : "Local operator",
          decidedAt: status === "PENDING" ? null : made.instant(),
        });
        return { milestone, negotiation, revision: state.revision, userErrors: [] };
      },
      decideOffer: ({ input }: { input: Row }) => {
        const status = { ACCEPT: "ACCEPTED", REJECT: "REJECTED", WITHDRAW: "WITHDRAWN" }[
          String(input.decision)
        ];
        return {
          offer: this.set(state.offers, input.offerId, { status }),
          negotiation,
          revision: state.revision,
          userErrors: [],
        };
      },
      proposeOffer: ({ input }: { input: Row }) => {
        if (input.version != null && input.version !== state.version)
          throw new GraphQLError("The negotiation was changed meanwhile.", {
            extensions: { code: "CONFLICT", currentVersion: state.version },
          });
        this.refuseFaulty(input.terms as Record<string, Record<string, unknown>>[]);
        const [model] = offers();
        const offer: Row = {
          ...model,
          id: `offer-${state.offers.length + 1}-made`,
          round: 2,
          from: input.from,
          status: "PROPOSED",
          title: input.title,
          terms: TERMS,
          evaluation: () => draft(input.terms as never[]).evaluation,
          lint: [],
        };
        this.bump(() => {
          state.version += 1;
          state.offers = [...state.offers, offer];
        });
        return { offer, negotiation, revision: state.revision, userErrors: [] };
      },
      importUsage: ({ input }: { input: { csv: string; dryRun?: boolean } }) =>
        this.importRows(input),
      importInvoices: ({ input }: { input: { csv: string; dryRun?: boolean } }) =>
        this.importRows(input),
      disputeInvoice: ({ input }: { input: Row }) => {
        const invoice = state.invoices.find((i) => i.id === input.invoiceId);
        if (input.amount && Number(input.amount) > Number(invoice?.amount))
          throw new GraphQLError("More than was billed.", {
            extensions: {
              code: "BAD_USER_INPUT",
              fields: [{ path: "input.amount", message: `At most ${invoice?.amount}.` }],
            },
          });
        return {
          invoice: this.set(state.invoices, input.invoiceId, {
            status: "DISPUTED",
            disputedAmount: input.amount ?? invoice?.amount,
            disputedFindings: input.findings,
            disputeReason: input.reason,
          }),
          revision: state.revision,
          userErrors: [],
        };
      },
      sendNotification: ({ input }: { input: Row }) => {
        if (input.to && !/^\+\d{8,15}$/.test(String(input.to)))
          throw new GraphQLError("The recipient is not a phone number.", {
            extensions: {
              code: "BAD_USER_INPUT",
              correlationId: "c0ffee01",
              fields: [
                {
                  path: "input.to",
                  message: "Write it with its country code.",
                  hint: "For example +14155550123.",
                },
              ],
            },
          });
        return this.queue(String(input.body), input.to, {
          dueAt: input.sendAt ?? null,
          expiresAt: input.expiresAt ?? null,
          priority: input.priority ?? "NORMAL",
        });
      },
      sendNotifications: ({ inputs }: { inputs: Row[] }) => {
        const items = inputs.map(({ to, body, idempotencyKey }, index) => {
          const known = state.notifications.find((row) => row.key === idempotencyKey);
          const refusal = state.optOuts.some((row) => row.to === to)
            ? {
                code: "RECIPIENT_OPTED_OUT",
                message: "They opted out.",
                field: `inputs.${index}.to`,
              }
            : null;
          return {
            index,
            notification: refusal
              ? null
              : (known ?? this.message({ to, body, key: idempotencyKey })),
            userErrors: refusal ? [refusal] : [],
          };
        });
        return { items, queued: items.filter((item) => item.notification).length };
      },
      sendDemoNotification: () =>
        this.queue("Margin 59.4 %, target 45 %, trailing 90 days 214,330.18 USD (tier A).", null),
      retryNotification: ({ id }: Row) => ({
        notification: this.set(state.notifications, id, { status: "QUEUED", error: null }),
        userErrors: [],
      }),
      retryFailedNotifications: () => {
        const failed = state.notifications.filter(({ status }) => status === "FAILED");
        return {
          queued: failed.length,
          notifications: failed.map(({ id }) =>
            this.set(state.notifications, id, { status: "QUEUED", error: null }),
          ),
          userErrors: [],
        };
      },
      cancelNotification: ({ id }: Row) => ({
        notification: this.set(state.notifications, id, { status: "CANCELLED" }),
        userErrors: [],
      }),
      notificationQueue: () => this.notificationQueue(),
      conflicts: (args: Row) => this.conflicts(args),
      resolveConflict: ({ id, keep }: Row) => ({
        conflict: this.set(state.conflicts, id, {
          resolved: true,
          kept: keep,
          resolvedAt: made.instant(),
          resolvedBy: "Local operator",
        }),
        revision: state.revision,
        userErrors: [],
      }),
      optOuts: (args: Row) => page(state.optOuts, args),
      liftOptOut: ({ to }: Row) => {
        const lifted = state.started.includes(String(to));
        if (lifted)
          this.bump(() => {
            state.optOuts = state.optOuts.filter((known) => known.to !== to);
          });
        return {
          lifted,
          userErrors: lifted
            ? []
            : [{ code: "STILL_OPTED_OUT", message: "No START came since.", field: "to" }],
        };
      },
      twilioImport: () => this.twilioImport(),
      syncTwilio: ({ input }: { input: Row }) => {
        if (input.since && String(input.since) > made.day(0))
          throw new GraphQLError("The day cannot be.", {
            extensions: {
              code: "BAD_USER_INPUT",
              fields: [{ path: "input.since", message: "It is in the future." }],
            },
          });
        const begun = run({
          id: `run-${state.runs.length + 1}`,
          state: "RUNNING",
          finishedAt: null,
          daysDone: 0,
          progress: "0",
          rowsRead: 0,
          rowsWritten: 0,
          rowsRestated: 0,
          pricesRead: 0,
          dryRun: input.dryRun,
        });
        this.bump(() => state.runs.unshift(begun));
        return { run: begun, revision: state.revision, userErrors: [] };
      },
      usageMappings: (args: { rule?: string; search?: string; first?: number }) =>
        page(
          state.mappings.filter(
            (row) =>
              (!args.rule || row.rule === args.rule) &&
              (!args.search || String(row.category).includes(args.search)),
          ),
          args,
        ),
      setUsageMapping: ({ input }: { input: Row }) => {
        if (input.rule === "COUNT" && input.sku === "")
          throw new GraphQLError("The mapping cannot be.", {
            extensions: {
              code: "BAD_USER_INPUT",
              fields: [{ path: "input.sku", message: "Name the SKU it counts as." }],
            },
          });
        const found = state.mappings.findIndex(({ category }) => category === input.category);
        const decided = { ...state.mappings[found], ...input, decidedBy: "Local operator" };
        this.bump(() => {
          state.mappings = state.mappings.with(found, decided);
        });
        return {
          mapping: decided,
          revision: state.revision,
          warnings: [{ code: "NEEDS_IMPORT", message: "It is read again.", field: null }],
          userErrors: [],
        };
      },
      listRates: (args: { status?: string; first?: number }) =>
        page(
          state.listRates.filter(({ status }) => !args.status || status === args.status),
          args,
        ),
      setPriceLink: ({ input }: { input: Row }) => {
        if (!/^[A-Z]{2}$/.test(String(input.country)))
          throw new GraphQLError("The link cannot be.", {
            extensions: {
              code: "BAD_USER_INPUT",
              fields: [{ path: "input.country", message: "Two letters: US, GB." }],
            },
          });
        const known = state.listRates.find(({ sku }) => sku === input.sku);
        const listRate = rate(String(input.sku), {
          ours: known?.ours ?? "0.0079",
          ...input,
          theirs: null,
          low: null,
          high: null,
          status: "UNKNOWN",
          message: "Not read yet.",
          readAt: null,
        });
        this.bump(() => {
          state.listRates = [...state.listRates.filter((row) => row !== known), listRate];
        });
        return { listRate, revision: state.revision, userErrors: [] };
      },
      applyListRates: ({ input }: { input: { skus?: string[] | null } }) => {
        const applied = state.listRates
          .filter(
            ({ sku, status }) =>
              status === "CHANGED" && (!input.skus || input.skus.includes(String(sku))),
          )
          .map((row) => ({ ...row, ours: row.theirs, status: "UNCHANGED" }) as Row);
        this.bump(() => {
          state.listRates = state.listRates.map(
            (row) => applied.find(({ sku }) => sku === row.sku) ?? row,
          );
        });
        return { applied, revision: state.revision, userErrors: [] };
      },
      rules: state.rules,
      ruleKinds: RULE_KINDS,
      ruleFirings: (args: Row) => page(state.firings, args),
      previewRule: ({ input }: { input: Row }) => rulePreview(input),
      saveRule: ({ input }: { input: Row }) => this.saveRule(input),
      enableRule: ({ id, enabled }: Row) => ({
        rule: this.set(state.rules, id, { enabled, version: this.nextVersion(id) }),
        revision: state.revision,
        userErrors: [],
      }),
      deleteRule: ({ id }: Row) => {
        this.bump(() => {
          state.rules = state.rules.filter((known) => known.id !== id);
        });
        return { id, revision: state.revision, userErrors: [] };
      },
      testRule: ({ id }: Row) => {
        const of = state.rules.find((known) => known.id === id) ?? rule();
        const said = firing(of, {
          id: `firing-${state.firings.length + 1}`,
          test: true,
          notifications: [this.message({ body: "A test" })],
        });
        this.bump(() => state.firings.unshift(said));
        return { firing: said, revision: state.revision, userErrors: [] };
      },
      pauseNotifications: ({ reason }: Row) =>
        this.pause({ reason, by: "Local operator", since: made.instant() }),
      resumeNotifications: () => this.pause(null),
      syncNow: () => ({
        components: health().components,
        revision: state.revision,
        userErrors: [],
      }),
    };
  }

  protected subscriptions(): Row {
    const each = (name: string, value: (args: Row) => unknown) => (args: Row) =>
      this.stream(name, () => value(args));
    return {
      negotiationUpdated: each("negotiationUpdated", () => this.negotiation()),
      healthUpdated: each("healthUpdated", () => this.health()),
      invoicesUpdated: each("invoicesUpdated", (args) => this.invoices(args)),
      notificationsUpdated: each("notificationsUpdated", (args) =>
        page(this.state.notifications, args),
      ),
      conflictsUpdated: each("conflictsUpdated", (args) => this.conflicts(args)),
      twilioImportUpdated: each("twilioImportUpdated", () => this.twilioImport()),
      rulesUpdated: each("rulesUpdated", () => this.state.rules),
      ruleFiringsUpdated: each("ruleFiringsUpdated", (args) => page(this.state.firings, args)),
      notificationQueueUpdated: each("notificationQueueUpdated", () => this.notificationQueue()),
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
