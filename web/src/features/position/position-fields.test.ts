import { expect, test } from "vitest";
import { POSITION } from "../../../tests/made-position";
import { type Position, positionInput, valuesOf } from "./position-fields";

const position = { ...POSITION, batnaCost: "900000.00" } as Position;

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
