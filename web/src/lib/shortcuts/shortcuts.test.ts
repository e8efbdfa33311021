import { afterEach, expect, test } from "vitest";
import { SCREENS } from "@/routes";
import { listen, type Shortcut } from "./shortcuts";

const ran: string[] = [];
const shortcut = (keys: string): Shortcut => ({
  keys,
  label: keys,
  group: "Do",
  run: () => ran.push(keys),
});
const press = (...keys: string[]) => {
  for (const key of keys) dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true }));
  return ran.splice(0);
};
let stop = () => {};
afterEach(() => stop());

test("two keys are what they are together, whatever the second does alone", () => {
  const table = ["r", "p", "g r", "g p"].map(shortcut);
  stop = listen(() => table);
  expect(press("r")).toEqual(["r"]);
  expect(press("g", "r")).toEqual(["g r"]);
  expect(press("g", "p", "p")).toEqual(["g p", "p"]);
  expect(press("g", "x", "r")).toEqual(["r"]);
});

test("every screen has keys of its own", () => {
  expect(new Set(SCREENS.map(({ key }) => key)).size).toBe(SCREENS.length);
});
