import { describe, expect, it } from "vitest";
import type { QueueForCardFragment } from "@/gql/graphql";
import { queueState, shareSpent } from "./queue-words";

const QUEUE: QueueForCardFragment = {
  __typename: "NotificationQueue",
  pause: null,
  waiting: 0,
  scheduled: 0,
  oldestAt: null,
  oldestSeconds: null,
  failed: 0,
  unconfirmed: 0,
  sent: 0,
  spent: "0",
  budget: "5.00",
  currency: "USD",
  ready: true,
  circuit: "CLOSED",
  probeIn: null,
  perSecond: null,
};

describe("how sending stands", () => {
  it("is quiet when nothing waits", () => {
    expect(queueState(QUEUE)).toMatchObject({ word: "sending", says: "Nothing waits." });
  });

  it("says what stops it before what slows it", () => {
    const down = { ...QUEUE, waiting: 1, circuit: "OPEN" as const, probeIn: 20 };
    expect(queueState(down).says).toBe(
      "1 text waits: the provider fails, so nothing is sent for a while; it is tried again in 20 s. Nothing is lost.",
    );
    const pause = {
      __typename: "Pause" as const,
      reason: "Wrong figures",
      by: "Ana",
      since: "2026-11-24T12:00:00Z",
    };
    expect(queueState({ ...down, pause }).word).toBe("paused");
    expect(queueState({ ...down, ready: false }).word).toBe("not set up");
  });

  it("says when the day's money is spent, to the last digit", () => {
    expect(queueState({ ...QUEUE, spent: "4.9999" }).word).toBe("sending");
    expect(queueState({ ...QUEUE, spent: "5.0" }).word).toBe("budget is spent");
  });

  it("never draws a bar past its end", () => {
    expect(shareSpent({ ...QUEUE, spent: "2.50" })).toBe(0.5);
    expect(shareSpent({ ...QUEUE, spent: "7" })).toBe(1);
    expect(shareSpent({ ...QUEUE, budget: "0" })).toBe(1);
  });
});
