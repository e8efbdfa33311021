import { beforeEach, expect, test } from "vitest";
import {
  DRIVERS,
  dropScenario,
  faultOf,
  GENERAL,
  keepScenario,
  keptScenarios,
  lacksLeads,
  toScenario,
} from "./scenario";

beforeEach(() => localStorage.clear());

test("what is typed is what is asked: percentages as ratios, zero kept, empty left out", () => {
  expect(
    toScenario({ growth: "-10", cv: "0", months: "12", "family:sms": "1000000", listIncrease: "" }),
  ).toEqual({
    growth: "-0.1",
    cv: "0",
    months: 12,
    volumes: [{ family: "sms", units: "1000000" }],
  });
  expect(toScenario({})).toBeNull();
  expect(toScenario({ growth: " " })).toBeNull();
});

test("drivers count per lead, so they wait for leads", () => {
  expect(toScenario({ wordsPerMessage: "30" })).toBeNull();
  expect(lacksLeads({ wordsPerMessage: "30" })).toBe(true);
  expect(toScenario({ leads: "5000", wordsPerMessage: "30", mmsShare: "12.5" })).toEqual({
    drivers: { leads: "5000", wordsPerMessage: "30", mmsShare: "0.125" },
  });
});

test("what is half typed is said at its field and not asked", () => {
  const growth = GENERAL.find(({ name }) => name === "growth");
  const share = DRIVERS.find(({ name }) => name === "mmsShare");
  if (!growth || !share) throw new Error("The fields have other names.");
  expect(faultOf(growth, "-")).toBe("A number such as 12.5.");
  expect(faultOf(share, "101")).toBe("At most 100.");
  expect(faultOf(share, "")).toBeUndefined();
  expect(toScenario({ growth: "-", cv: "20" })).toEqual({ cv: "0.2" });
});

test("a named scenario is kept, replaced by its name, and dropped", () => {
  keepScenario("Slump", { growth: "-20" });
  keepScenario("Slump", { growth: "-30" });
  expect(keptScenarios()).toEqual([{ name: "Slump", typed: { growth: "-30" } }]);
  expect(dropScenario("Slump")).toEqual([]);
  localStorage.setItem("negotiation.scenarios", "not json");
  expect(keptScenarios()).toEqual([]);
});
