import { expect, test } from "vitest";
import { daysUntil, eachDay, formatAge, formatDay } from "./dates";

test("a day is a UTC day wherever the reader is", () => {
  expect(formatDay("2026-01-01")).toBe("Jan 1, 2026");
  expect(eachDay("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
});

test("days until count whole UTC days", () => {
  const evening = Date.parse("2026-11-24T23:59:00Z");
  expect(daysUntil("2026-11-24", evening)).toBe(0);
  expect(daysUntil("2026-11-25", evening)).toBe(1);
  expect(daysUntil("2026-11-20", evening)).toBe(-4);
});

test("an age is short enough for a pill", () => {
  expect(formatAge(4_000)).toBe("4 s");
  expect(formatAge(95_000)).toBe("2 min");
  expect(formatAge(3 * 3_600_000)).toBe("3 h");
  expect(formatAge(4 * 86_400_000)).toBe("4 d");
  expect(formatAge(-500)).toBe("0 s");
});
