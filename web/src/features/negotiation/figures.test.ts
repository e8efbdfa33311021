import { expect, test } from "vitest";
import type { EnvelopeForBandFragment } from "@/gql/graphql";
import { headline, moved, standing } from "./figures";
import type { Seen } from "./seen";
import { differences } from "./since";
import { wholeWindow } from "./spend-card";
import { isPercentage } from "./what-if";

const envelope = {
  currency: "USD",
  revenue: "990.00",
  targetRevenue: "900.00",
  currentMargin: "0.7273",
  floorMargin: "0.65",
  targetMargin: "0.7",
  ceilingMargin: "0.75",
  discountAtTargetMargin: "0.3077",
} as EnvelopeForBandFragment;

test("a margin is placed against its band in words", () => {
  expect(standing(envelope)).toEqual({ tone: "good", where: "2.7 points above target" });
  expect(standing({ ...envelope, currentMargin: "0.8" })?.where).toBe("5 points above the ceiling");
  expect(standing({ ...envelope, currentMargin: "0.6" })?.where).toBe("5 points below the floor");
  expect(standing({ ...envelope, currentMargin: null })).toBeNull();
});

test("the headline says what the target would cost, and what the floor leaves to ask for", () => {
  const money = { ...envelope, floorRevenue: "771.43" };
  expect(headline(money)).toBe("At the 70% target we would pay $900.00, $90.00 less than now.");
  expect(headline({ ...money, revenue: "800.00" })).toBe(
    "At the 70% target we would pay $900.00, $100.00 more than now. Down to the floor there are $28.57 left to ask for.",
  );
  expect(headline({ ...money, revenue: "700.00" })).toBe(
    "At the 70% target we would pay $900.00, $200.00 more than now.",
  );
  expect(headline({ ...money, currentMargin: null })).toContain("no revenue");
});

test("since one left, only what is other is listed, exactly", () => {
  const before: Seen = {
    id: "n",
    at: 0,
    revenue: "990.00",
    expense: "270.00",
    trailing: "249999.99",
    margin: "0.7273",
    target: "0.7",
    tier: "A",
  };
  expect(differences(before, { ...before, revenue: "990" }, "USD")).toEqual([]);
  expect(differences(before, { ...before, trailing: "250000.01", tier: "B" }, "USD")).toEqual([
    "trailing spend +$0.02",
    "tier A → B",
  ]);
});

test("a day without rows is missing, not zero; a day of zero is zero", () => {
  const day = (date: string, rows: number) => ({
    __typename: "DailySpend" as const,
    date,
    list: "0.00",
    net: "0.00",
    billed: null,
    rows,
  });
  expect(
    wholeWindow([day("2026-01-01", 3), day("2026-01-03", 0)], "2026-01-01", "2026-01-03", "LIST"),
  ).toEqual([
    { day: "2026-01-01", amount: "0.00" },
    { day: "2026-01-02", amount: null },
    { day: "2026-01-03", amount: null },
  ]);
});

test("a margin to try is from 0 to below 100", () => {
  expect(["0", "37.5", "99.99"].every(isPercentage)).toBe(true);
  expect(["100", "-1", "", "4,5", "abc"].some(isPercentage)).toBe(false);
});

test("a margin that moved by less than is shown has not moved", () => {
  expect(moved("0.4168", "0.4048")).toBe("up 1.2 points");
  expect(moved("0.4048", "0.4168")).toBe("down 1.2 points");
  expect(moved("0.4166", "0.4168")).toBeNull();
  expect(moved("0.4166", null)).toBeNull();
  expect(moved(null, "0.4")).toBeNull();
});
