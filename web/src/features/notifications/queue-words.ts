/** How sending stands, in one sentence, and what to do about it. */
import type { Tone } from "@/design/chip";
import type { QueueForCardFragment } from "@/gql/graphql";
import { formatAge } from "@/lib/dates";
import { compare, toPixels } from "@/lib/decimal";
import { formatCount } from "@/lib/money";

export interface QueueState {
  /** One word for a chip. */
  word: string;
  tone: Tone;
  says: string;
}

const texts = (count: number) => `${formatCount(count)} ${count === 1 ? "text" : "texts"}`;

/** The gravest thing that is so comes first: what stops sending before what slows it. */
export function queueState(queue: QueueForCardFragment): QueueState {
  const { pause, waiting, ready, circuit, probeIn } = queue;
  const waits =
    waiting === 0 ? "Nothing waits" : `${texts(waiting)} ${waiting === 1 ? "waits" : "wait"}`;
  if (pause)
    return {
      word: "paused",
      tone: "warn",
      says: `${waits}; nothing is sent until somebody resumes it.`,
    };
  if (!ready)
    return {
      word: "not set up",
      tone: "warn",
      says: `${waits}: no provider is set up. What is queued is kept and goes out once one is.`,
    };
  if (circuit === "OPEN")
    return {
      word: "provider is down",
      tone: "bad",
      says: `${waits}: the provider fails, so nothing is sent for a while${probeIn == null ? "" : `; it is tried again in ${formatAge(probeIn * 1000)}`}. Nothing is lost.`,
    };
  if (circuit === "HALF_OPEN")
    return {
      word: "trying again",
      tone: "warn",
      says: `${waits}; one is sent to see whether the provider works again.`,
    };
  if (spentUp(queue))
    return {
      word: "budget is spent",
      tone: "warn",
      says: `${waits}. New texts are refused until 24 hours have passed since the earlier ones.`,
    };
  return { word: "sending", tone: "good", says: waiting === 0 ? "Nothing waits." : `${waits}.` };
}

export function spentUp({ spent, budget }: QueueForCardFragment): boolean {
  return compare(spent, budget) >= 0;
}

/** From 0 to 1, for a bar. */
export function shareSpent({ spent, budget }: QueueForCardFragment): number {
  const most = toPixels(budget);
  return most <= 0 ? 1 : Math.min(1, Math.max(0, toPixels(spent) / most));
}
