import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { type DataFacts, DataPill, dataState } from "./pills";

const facts: DataFacts = {
  connection: "live",
  confirmedAt: 1_000,
  restoredAt: null,
  provenance: "LIVE",
  asOf: "2026-11-24T00:00:00Z",
};

test("fixture data is never shown as live", () => {
  expect(dataState({ ...facts, provenance: "FIXTURE" }).state).toBe("fixture");
});

test("what was restored and not yet confirmed is cached, since it was saved", () => {
  expect(
    dataState({ ...facts, connection: "connecting", confirmedAt: null, restoredAt: 500 }),
  ).toEqual({
    state: "cached",
    since: 500,
  });
});

test("without the gateway everything is cached, since its last word", () => {
  expect(dataState({ ...facts, connection: "offline" })).toEqual({ state: "cached", since: 1_000 });
  expect(dataState({ ...facts, connection: "polling" }).state).toBe("live");
});

test("nothing is not live: without data there is no good word", () => {
  expect(dataState({ ...facts, provenance: undefined }).state).toBe("cached");
});

test("the gateway's own cache has the gateway's age", () => {
  expect(dataState({ ...facts, provenance: "CACHED" })).toEqual({
    state: "cached",
    since: Date.parse("2026-11-24T00:00:00Z"),
  });
});

test("a pill says its state to machines and to screen readers", () => {
  render(<DataPill provenance="FIXTURE" asOf="2026-11-24T00:00:00Z" />);
  const pill = screen.getByTestId("pill-data");
  expect(pill.dataset.state).toBe("cached");
  expect(pill.getAttribute("role")).toBe("status");
  expect(pill.textContent).toContain("Demonstration data.");
});
