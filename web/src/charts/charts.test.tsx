import { expect, test } from "vitest";
import { bandSentence } from "./envelope-band";
import { spread } from "./labels";

test("labels stay apart and within the picture", () => {
  const centres = spread(
    [
      { at: 10, width: 60 },
      { at: 20, width: 60 },
      { at: 195, width: 60 },
    ],
    200,
    4,
  );
  expect(centres[0]).toBeGreaterThanOrEqual(30);
  expect((centres[1] ?? 0) - (centres[0] ?? 0)).toBeGreaterThanOrEqual(64);
  expect(centres[2]).toBeLessThanOrEqual(170);
});

test("labels that have room are where they belong", () => {
  expect(
    spread(
      [
        { at: 50, width: 20 },
        { at: 150, width: 20 },
      ],
      200,
    ),
  ).toEqual([50, 150]);
});

test("the band is a sentence for those who do not see it", () => {
  expect(bandSentence({ floor: "0.35", target: "0.45", ceiling: "0.6", current: "0.658" })).toBe(
    "Margin now 65.8%; floor 35%, target 45%, ceiling 60%.",
  );
  expect(bandSentence({ floor: "0", target: "0.1", ceiling: "0.2", current: null })).toContain(
    "no present margin",
  );
});
