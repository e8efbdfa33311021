/** What the envelope means, in words and exact differences. */

import type { Tone } from "@/design/chip";
import type { EnvelopeForBandFragment } from "@/gql/graphql";
import { compare, subtract } from "@/lib/decimal";
import { formatMoney, formatPoints, formatRatio } from "@/lib/money";

export interface Standing {
  tone: Tone;
  /** "3.8 points above the ceiling" */
  where: string;
}

/** The margin is the vendor's: above the ceiling there is room to ask for more. */
export function standing(envelope: EnvelopeForBandFragment): Standing | null {
  const { currentMargin, floorMargin, targetMargin, ceilingMargin } = envelope;
  if (currentMargin == null) return null;
  if (compare(currentMargin, ceilingMargin) > 0)
    return {
      tone: "cool",
      where: `${formatPoints(subtract(currentMargin, ceilingMargin))} above the ceiling`,
    };
  if (compare(currentMargin, floorMargin) < 0)
    return {
      tone: "warn",
      where: `${formatPoints(subtract(floorMargin, currentMargin))} below the floor`,
    };
  const side = compare(currentMargin, targetMargin);
  if (side === 0) return { tone: "good", where: "exactly on target" };
  return {
    tone: "good",
    where: `${formatPoints(subtract(currentMargin, targetMargin))} ${side > 0 ? "above" : "below"} target`,
  };
}

/** The sentence one takes into the call: what the target would cost, and what the floor leaves to ask for. */
export function headline(envelope: EnvelopeForBandFragment): string {
  const { currency, revenue, targetRevenue, targetMargin, currentMargin } = envelope;
  if (currentMargin == null)
    return "There is no revenue in this window yet, so there is no margin to compare.";
  const money = (value: string) => formatMoney(value, currency);
  const way = compare(revenue, targetRevenue);
  const than =
    way === 0
      ? "what we pay now"
      : way > 0
        ? `${money(subtract(revenue, targetRevenue))} less than now`
        : `${money(subtract(targetRevenue, revenue))} more than now`;
  const target = `At the ${formatRatio(targetMargin)} target we would pay ${money(targetRevenue)}, ${than}.`;
  if (way > 0 || compare(revenue, envelope.floorRevenue) <= 0) return target;
  return `${target} Down to the floor there are ${money(subtract(revenue, envelope.floorRevenue))} left to ask for.`;
}

/** "up 1.2 points"; null where nothing moved, or by less than the screen shows. */
export function moved(now: string | null | undefined, before: string | null): string | null {
  if (now == null || before === null) return null;
  const points = formatPoints(subtract(now, before));
  if (points === formatPoints("0")) return null;
  return `${compare(now, before) > 0 ? "up" : "down"} ${points}`;
}
