/** What re-rating found, in money. */
import type { InvoiceForTableFragment as Invoice } from "@/gql/graphql";
import { sign, sum } from "@/lib/decimal";

type Finding = Invoice["findings"][number];

/** What the findings say was billed too much; those that say we were spared are no claim. */
export function claimOf(findings: readonly Finding[]): string {
  return sum(findings.flatMap(({ delta }) => (delta != null && sign(delta) > 0 ? [delta] : [])));
}

export interface Recoverable {
  currency: string;
  amount: string;
  findings: number;
  invoices: number;
  /** Of the amount: what is in dispute already. */
  contested: string;
}

/** By currency, which are never added to one another. */
export function recoverable(invoices: readonly Invoice[]): Recoverable[] {
  const found = invoices.filter(({ findings }) => findings.length > 0);
  return [...new Set(found.map(({ currency }) => currency))].map((currency) => {
    const own = found.filter((invoice) => invoice.currency === currency);
    return {
      currency,
      amount: sum(own.map(({ findings }) => claimOf(findings))),
      findings: own.reduce((count, { findings }) => count + findings.length, 0),
      invoices: own.length,
      contested: sum(
        own.flatMap(({ status, findings }) => (status === "DISPUTED" ? [claimOf(findings)] : [])),
      ),
    };
  });
}
