import { expect, test } from "vitest";
import type { TermForListFragment } from "@/gql/graphql";
import { best, lintMoney, type Offer, waterfall } from "./offers";
import { inWords } from "./terms";

test("the best of a line is marked only where there is one", () => {
  expect(best(["0.1935", "0.3817", null], "most")).toBe(1);
  expect(best(["100", "99.99"], "least")).toBe(1);
  expect(best(["1.0", "1.00"], "least")).toBeNull();
  expect(best(["0.00", "0", "5"], "least")).toBeNull();
  expect(best(["5", "5", "0"], "least")).toBe(2);
  expect(best(["5", null], "least")).toBeNull();
  expect(best([null, null], "least")).toBeNull();
});

test("findings add up exactly", () => {
  const offer = (amounts: string[]) =>
    ({ lint: amounts.map((amount) => ({ amount })) }) as unknown as Offer;
  expect(lintMoney(offer(["477000.00", "0.10"]))).toBe("477000.10");
  expect(lintMoney(offer([]))).toBe("0");
});

test("the steps from list to cash meet exactly", () => {
  const steps = waterfall({
    evaluation: {
      listCost: "1860000.00",
      cash: "1150000.00",
      shortfall: "28200.00",
      credits: "50000.00",
    },
  } as unknown as Offer);
  expect(steps.map(({ amount }) => amount)).toEqual([
    "1860000.00",
    "-688200.00",
    "-50000.00",
    "28200.00",
    "1150000.00",
  ]);
});

test("terms are said in words, and a kind from a newer gateway does not break the list", () => {
  const terms = [
    {
      __typename: "CommitmentTerm",
      id: "1",
      clause: "5.1",
      text: null,
      commitment: "1200000",
      interval: "ANNUAL",
      families: ["sms"],
    },
    { __typename: "FreeLunchTerm", id: "2", clause: null, text: "As agreed." },
  ] as unknown as TermForListFragment[];
  const [commitment, unknown] = inWords(terms, "USD");
  expect(commitment?.says).toEqual(["$1,200,000.00, annual on sms"]);
  expect(unknown).toMatchObject({ kind: "freelunchterm", text: "As agreed." });
});
