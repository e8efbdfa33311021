/** What every part of the mock workspace shares: rows, and pages of them. */
import { GraphQLError } from "graphql";
import type { MockWorkspace } from "../mock-workspace.ts";

export type Row = Record<string, unknown>;
export type Workspace = MockWorkspace;
/** The present value of each subscription, by its name. */
export type Topics = Record<string, (args: Row) => unknown>;

/** As many rows as the gateway has in a page. */
const MOST = 200;

export function page(
  nodes: Row[],
  { first = 50, after }: { first?: number; after?: string | null },
) {
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
