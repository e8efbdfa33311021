import { expect, test } from "vitest";
import {
  formatDelta,
  formatMoney,
  formatPoints,
  formatPrice,
  formatRatio,
  formatRows,
  formatUnits,
} from "./money";

test("every digit of a large amount is shown", () => {
  expect(formatMoney("98765432109876543210.98", "USD")).toBe("$98,765,432,109,876,543,210.98");
});

test("each currency has its own minor units", () => {
  expect(formatMoney("1234.5", "USD")).toBe("$1,234.50");
  expect(formatMoney("1234", "JPY")).toBe("¥1,234");
  expect(formatMoney("1.5", "KWD")).toContain("1.500");
});

test("a unit price keeps up to six places", () => {
  expect(formatPrice("0.004752", "USD")).toBe("$0.004752");
  expect(formatPrice("0.05", "USD")).toBe("$0.05");
});

test("a difference always shows its sign, and a code that is no currency does no harm", () => {
  expect(formatDelta("12.5", "USD")).toBe("+$12.50");
  expect(formatDelta("-3", "USD")).toBe("-$3.00");
  expect(formatMoney("3", "credits")).toBe("3.00");
});

test("ratios are percentages, differences of ratios are points", () => {
  expect(formatRatio("0.3817")).toBe("38.2%");
  expect(formatRatio(null)).toBe("–");
  expect(formatPoints("-0.058")).toBe("5.8 points");
  expect(formatPoints("0.01")).toBe("1 point");
});

test("one row is a row", () => {
  expect([0, 1, 1204].map(formatRows)).toEqual(["0 rows", "1 row", "1,204 rows"]);
});

test("units are in the plural where there are several, and where they have one", () => {
  expect(formatUnits("1204", "segment")).toBe("1,204 segments");
  expect(formatUnits("1", "hour")).toBe("1 hour");
  expect(formatUnits("6725", "segments")).toBe("6,725 segments");
  expect(formatUnits("3", "usd")).toBe("3 usd");
});
