import { expect, test } from "vitest";
import { abs, add, compare, isDecimal, shiftPoint, sign, subtract, sum } from "./decimal";

test("sums are exact where floats are not", () => {
  expect(add("0.1", "0.2")).toBe("0.3");
  expect(subtract("12345678901234567890.12", "0.01")).toBe("12345678901234567890.11");
  expect(sum(["0.005", "0.005", "0.005"])).toBe("0.015");
});

test("numbers of different scale compare by value", () => {
  expect(compare("10", "9.99")).toBe(1);
  expect(compare("1.10", "1.1")).toBe(0);
  expect(compare("-2", "1")).toBe(-1);
  expect(compare("1e3", "1000")).toBe(0);
});

test("a percentage as typed becomes a ratio by moving the point, and comes back", () => {
  expect(shiftPoint("45", -2)).toBe("0.45");
  expect(shiftPoint("0.375", 2)).toBe("37.5");
  expect(shiftPoint("0.6000", 2)).toBe("60");
});

test("zero has no sign, and text that is no number is refused", () => {
  expect(sign("-0.00")).toBe(0);
  expect(abs("-12.50")).toBe("12.50");
  expect(isDecimal("12,5")).toBe(false);
  expect(isDecimal("")).toBe(false);
  expect(() => add("abc", "1")).toThrow(RangeError);
});
