/** What offers have in common when they are compared. */
import type { OfferForTableFragment } from "@/gql/graphql";
import { add, compare, isDecimal, negate, subtract, sum } from "@/lib/decimal";

export type Offer = OfferForTableFragment;

/** What the findings would cost, as far as they could be priced; null when none could. */
export function lintMoney(offer: Offer): string | null {
  const priced = offer.lint.flatMap(({ amount }) => (amount == null ? [] : [amount]));
  return priced.length > 0 ? sum(priced) : null;
}

/** The index of the best of several values; null where there is no best. */
export function best(
  values: readonly (string | null | undefined)[],
  wanted: "least" | "most",
): number | null {
  let found: number | null = null;
  let alone = false;
  for (const [i, value] of values.entries()) {
    if (value == null || !isDecimal(value)) continue;
    const other = found === null ? null : values[found];
    const order = other == null ? 1 : compare(value, other) * (wanted === "most" ? 1 : -1);
    if (order > 0) {
      alone = found !== null || values.length === 1;
      found = i;
    } else if (order < 0) alone = true;
  }
  return alone ? found : null;
}

/** From list to cash: what each step takes or adds, exactly. */
export function waterfall(offer: Offer): { name: string; amount: string; total?: boolean }[] {
  const { listCost, cash, shortfall, credits } = offer.evaluation;
  // cash = list - discount - credits + shortfall
  const usage = add(subtract(cash, shortfall), credits);
  return [
    { name: "At list", amount: listCost, total: true },
    { name: "Discounts", amount: subtract(usage, listCost) },
    { name: "Credits", amount: negate(credits) },
    { name: "Shortfall", amount: shortfall },
    { name: "Cash", amount: cash, total: true },
  ];
}
