import { expect, test } from "vitest";
import { Transport } from "./transport";

function recorded() {
  let now = 0;
  const transport = new Transport(() => now);
  const changes: string[] = [];
  transport.onChange = (after, before) => changes.push(`${before} → ${after}`);
  return { transport, changes, later: (ms: number) => (now += ms) };
}

test("an open socket is live, whatever HTTP said before", () => {
  const { transport, changes } = recorded();
  transport.unreachable();
  transport.socketOpened();
  expect(changes).toEqual(["connecting → offline", "offline → live"]);
});

test("a cut socket is polling while HTTP answers, and every failed attempt after it changes nothing", () => {
  const { transport, changes } = recorded();
  transport.socketOpened();
  transport.socketClosed();
  transport.socketClosed();
  transport.socketClosed();
  expect(changes).toEqual(["connecting → live", "live → polling"]);
});

test("no socket and no answer is offline; the first answer ends it", () => {
  const { transport, changes } = recorded();
  transport.socketOpened();
  transport.socketClosed();
  transport.unreachable();
  transport.answered();
  expect(changes.slice(1)).toEqual(["live → polling", "polling → offline", "offline → polling"]);
});

test("before anything is known it is connecting, not offline", () => {
  const { transport } = recorded();
  transport.socketClosed();
  expect(transport.connection.get()).toBe("connecting");
});

test("the time of the last answer is kept to the second", () => {
  const { transport, later } = recorded();
  transport.answered();
  later(400);
  transport.answered();
  expect(transport.facts.get().confirmedAt).toBe(0);
  later(700);
  transport.pushed();
  expect(transport.facts.get().confirmedAt).toBe(1_100);
  expect(transport.pushes).toBe(1);
});
