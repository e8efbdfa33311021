/** The terms of an offer in words. A kind that this build does not know keeps its own text. */
import type { TermOnTableFragment } from "@/gql/graphql";
import { formatDay } from "@/lib/dates";
import { formatMoney, formatPrice, formatQuantity, formatRatio } from "@/lib/money";
import { word } from "../words";

export interface TermInWords {
  id: string;
  kind: string;
  says: string[];
  clause: string | null;
  text: string | null;
}

function scope(families: readonly string[]): string {
  return families.length > 0 ? ` on ${families.join(", ")}` : "";
}

function say(term: TermOnTableFragment, currency: string): { kind: string; says: string[] } {
  const money = (value: string) => formatMoney(value, currency);
  switch (term.__typename) {
    case "RateTerm": {
      const of = term.sku ?? term.family ?? "everything";
      const price =
        term.unitPrice != null
          ? formatPrice(term.unitPrice, currency)
          : term.discount != null
            ? `${formatRatio(term.discount, 2)} off list`
            : `${term.rateTiers.length} tiers, ${word(term.model)}`;
      return {
        kind: term.locked ? "Locked rate" : "Rate",
        says: [
          `${of}: ${price}`,
          ...term.rateTiers.map(
            (tier) =>
              `${tier.upTo == null ? "above that" : `up to ${formatQuantity(tier.upTo)}`}: ${formatPrice(tier.unitPrice, currency)}`,
          ),
          ...(term.packageSize == null
            ? []
            : [`in packages of ${formatQuantity(term.packageSize)}`]),
        ],
      };
    }
    case "LadderTerm":
      return {
        kind: "Ladder",
        says: [
          ...term.ladderTiers.map(
            (tier) =>
              `${tier.name}: ${formatRatio(tier.discount, 2)} from ${money(tier.threshold)}`,
          ),
          `${word(term.application)} on ${word(term.basis)} spend of ${term.windowDays} days${scope(term.families)}`,
          `threshold ${word(term.boundary)}, in force ${word(term.effective)}, down: ${word(term.downgrade)}${term.graceMonths > 0 ? ` ${term.graceMonths} months` : ""}, with locked rates: ${word(term.stacking)}`,
        ],
      };
    case "CommitmentTerm":
      return {
        kind: "Commitment",
        says: [`${money(term.commitment)}, ${word(term.interval)}${scope(term.families)}`],
      };
    case "CreditTerm":
      return {
        kind: "Credit",
        says: [
          term.amount != null
            ? money(term.amount)
            : `${formatRatio(term.invoiceShare)} of ${term.invoiceCount ?? 1} invoices`,
          ...(term.expiresOn ? [`expires ${formatDay(term.expiresOn)}`] : []),
        ],
      };
    case "RampTerm":
      return {
        kind: "Ramp",
        says: term.steps.map((step) => `from month ${step.fromMonth}: ${money(step.commitment)}`),
      };
    case "PaymentTerm":
      return { kind: "Payment", says: [`net ${term.netDays} days`] };
    case "ShortfallTerm":
      return {
        kind: "Shortfall",
        says: [
          `${word(term.outcome)}${term.percent == null ? "" : ` ${formatRatio(term.percent)}`}`,
        ],
      };
    case "RenewalTerm":
      return {
        kind: "Renewal",
        says: [
          `${term.termMonths} months from ${formatDay(term.start)}`,
          `${term.autoRenew ? "renews by itself" : "ends by itself"}, notice ${term.noticeDays} days`,
        ],
      };
    case "PriceProtectionTerm":
      return {
        kind: "Price protection",
        says: [`at most ${formatRatio(term.maxIncrease)} a year`],
      };
    case "QualitativeTerm":
      return { kind: "Not priced", says: [term.topic] };
    default:
      return { kind: word(String((term as { __typename: string }).__typename)), says: [] };
  }
}

export function inWords(terms: readonly TermOnTableFragment[], currency: string): TermInWords[] {
  return terms.map((term, i) => ({
    id: term.id ?? String(i),
    clause: term.clause ?? null,
    text: term.text ?? null,
    ...say(term, currency),
  }));
}
