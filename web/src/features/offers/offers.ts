/** What offers have in common when they are compared. */
import type { OfferForTableFragment } from "@/gql/graphql";
import { add, compare, isDecimal, negate, subtract, sum } from "@/lib/decimal";

export type Offer = OfferForTableFragment;

/** What the findings may cost, all together. */
export function lintMoney(offer: Offer): string {
  return sum(offer.lint.map(({ amount }) => amount));
}

/** The index of the best of several values; null where there is no best. */
export function best(
  values: readonly (string | null | undefined)[],
  wanted: "least" | "most",
): number | null {
  let found: number | null = null;
  let known = 0;
  let tied = false;
  for (const [i, value] of values.entries()) {
    if (value == null || !isDecimal(value)) continue;
    known += 1;
    const other = found === null ? null : values[found];
    const order = other == null ? 1 : compare(value, other) * (wanted === "most" ? 1 : -1);
    if (order > 0) found = i;
    if (order !== 0) tied = tied && order < 0;
    else tied = true;
  }
  return tied || (known < 2 && values.length > 1) ? null : found;
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
