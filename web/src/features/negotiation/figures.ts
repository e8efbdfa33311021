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

/** The sentence one takes into the call. */
export function headline(envelope: EnvelopeForBandFragment, vendor: string): string {
  const { currency, revenue, targetRevenue, targetMargin, currentMargin, discountAtTargetMargin } =
    envelope;
  if (currentMargin == null)
    return "There is no revenue in this window yet, so there is no margin to compare.";
  const gap = subtract(revenue, targetRevenue);
  const way = compare(revenue, targetRevenue);
  const off =
    discountAtTargetMargin == null
      ? ""
      : ` That is ${formatRatio(discountAtTargetMargin)} off list.`;
  if (way === 0) return `We pay exactly what leaves ${vendor} the target margin.${off}`;
  return way > 0
    ? `At the ${formatRatio(targetMargin)} target we would pay ${formatMoney(targetRevenue, currency)}, ${formatMoney(gap, currency)} less than now.${off}`
    : `We pay ${formatMoney(subtract(targetRevenue, revenue), currency)} less than the ${formatRatio(targetMargin)} target asks for.${off}`;
}
