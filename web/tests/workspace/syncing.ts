/** Conflicts, imports from Twilio, how its categories count and its prices, in the mock gateway. */
import { GraphQLError } from "graphql";
import * as made from "../made-data.ts";
import { rate, run } from "../made-sync.ts";
import { page, type Row, type Topics, type Workspace } from "./page.ts";

function conflicts(w: Workspace, args: { open?: boolean; first?: number }) {
  return page(
    w.state.conflicts.filter(({ resolved }) => args.open == null || resolved !== args.open),
    args,
  );
}

function twilioImport(w: Workspace): Row {
  const { runs, mappings } = w.state;
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

export function fields(w: Workspace): Row {
  const { state } = w;
  return {
    conflicts: (args: Row) => conflicts(w, args),
    resolveConflict: ({ id, keep }: Row) => ({
      conflict: w.set(state.conflicts, id, {
        resolved: true,
        kept: keep,
        resolvedAt: made.instant(),
        resolvedBy: "Local operator",
      }),
      revision: state.revision,
      userErrors: [],
    }),
    twilioImport: () => twilioImport(w),
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
      w.bump(() => state.runs.unshift(begun));
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
      w.bump(() => {
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
      w.bump(() => {
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
      w.bump(() => {
        state.listRates = state.listRates.map(
          (row) => applied.find(({ sku }) => sku === row.sku) ?? row,
        );
      });
      return { applied, revision: state.revision, userErrors: [] };
    },
  };
}

/** The present value of each topic. */
export function topics(w: Workspace): Topics {
  return {
    conflictsUpdated: (args) => conflicts(w, args),
    twilioImportUpdated: () => twilioImport(w),
  };
}
