import { expect, test } from "vitest";
import { type Position, positionInput, valuesOf } from "./position-fields";

const position = {
  batnaCost: "900000.00",
  batnaNote: null,
  downstreamRevenue: null,
  otherCosts: null,
  ownMargin: null,
  vendorCostLow: "0.85",
  vendorCostHigh: "1.15",
  vendorMargin: null,
  plannedRounds: 4,
  opening: "0.05",
  patience: "1",
  shortfallLimit: "0.25",
} as Position;

test("only what was changed is sent; an emptied field is cleared", () => {
  const saved = valuesOf(position);
  expect(saved.shortfallLimit).toBe("25");
  expect(positionInput(saved, saved)).toEqual({ input: {}, faults: {} });
  expect(
    positionInput({ ...saved, batnaCost: "", opening: "12.5", plannedRounds: "0" }, saved),
  ).toEqual({ input: { batnaCost: null, opening: "0.125", plannedRounds: 0 }, faults: {} });
});

test("what is needed cannot be emptied, and a word is no number", () => {
  const saved = valuesOf(position);
  const { input, faults } = positionInput(
    { ...saved, patience: "", vendorCostLow: "low", plannedRounds: "2.5" },
    saved,
  );
  expect(input).toEqual({});
  expect(faults).toEqual({
    patience: "It is needed.",
    vendorCostLow: "A number such as 1234.5.",
    plannedRounds: "A whole number.",
  });
});
