import { expect, test } from "vitest";
import type { RunForCardFragment } from "@/gql/graphql";
import { outcome } from "./run-words";

const RUN = {
  rowsRead: 1204,
  rowsWritten: 1,
  rowsRestated: 0,
  pricing: false,
  pricesRead: 0,
  pricesTotal: 0,
  dryRun: false,
} as RunForCardFragment;

test("what a run came to is said in rows", () => {
  expect(outcome(RUN)).toBe("1,204 rows read, 1 row new or changed");
  expect(outcome({ ...RUN, rowsWritten: 80, rowsRestated: 3 })).toBe(
    "1,204 rows read, 80 rows new or changed (3 restated)",
  );
});

test("a rehearsal says that nothing was changed, and prices are counted where they are read", () => {
  expect(outcome({ ...RUN, dryRun: true, pricing: true, pricesRead: 2, pricesTotal: 6 })).toBe(
    "1,204 rows read, 1 row would be new or changed, 2 of 6 price lists",
  );
});
