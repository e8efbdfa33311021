import { beforeEach, expect, test, vi } from "vitest";
import { SCREENS } from "@/routes";
import { listen, type Shortcut } from "./shortcuts";

const run = { go: vi.fn(), alone: vi.fn(), help: vi.fn(), palette: vi.fn() };
const table: Shortcut[] = [
  { keys: "o", label: "Alone", group: "Do", run: run.alone },
  { keys: "g o", label: "Offers", group: "Go to", run: run.go },
  { keys: "?", label: "Help", group: "Look", run: run.help },
  { keys: "mod+k", label: "Palette", group: "Do", run: run.palette },
];

function press(key: string, init: KeyboardEventInit = {}, on: EventTarget = document.body): void {
  on.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
}

beforeEach(() => {
  document.body.innerHTML = "<input>";
  vi.clearAllMocks();
  return listen(() => table);
});

test("a sequence of keys runs its action, half of it does nothing", () => {
  press("g");
  expect(run.go).not.toHaveBeenCalled();
  press("o");
  expect(run.go).toHaveBeenCalledOnce();
  press("o");
  expect(run.go).toHaveBeenCalledOnce();
});

test("two keys are what they are together, whatever the second does alone", () => {
  press("g");
  press("o");
  expect(run.alone).not.toHaveBeenCalled();
  press("g");
  press("x");
  press("o");
  expect(run.go).toHaveBeenCalledOnce();
  expect(run.alone).toHaveBeenCalledOnce();
});

test("every screen has a key of its own", () => {
  expect(new Set(SCREENS.map(({ key }) => key)).size).toBe(SCREENS.length);
});

test("typing in a field is typing", () => {
  const input = document.querySelector("input") as HTMLInputElement;
  press("?", {}, input);
  expect(run.help).not.toHaveBeenCalled();
  press("k", { ctrlKey: true }, input);
  expect(run.palette).toHaveBeenCalledOnce();
});

test("a shifted key is its character", () => {
  press("?", { shiftKey: true });
  expect(run.help).toHaveBeenCalledOnce();
});
