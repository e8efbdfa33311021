import { expect, test } from "vitest";
import type { InvoiceForTableFragment as Invoice } from "@/gql/graphql";
import { claimOf, recoverable } from "./findings";

const invoice = (currency: string, status: string, deltas: (string | null)[]) =>
  ({
    currency,
    status,
    findings: deltas.map((delta, i) => ({ id: String(i), delta })),
  }) as unknown as Invoice;

test("a claim is what was billed too much, to the cent, and nothing else", () => {
  expect(claimOf(invoice("USD", "OPEN", ["0.10", "0.20", null, "-5.00"]).findings)).toBe("0.30");
  expect(claimOf([])).toBe("0");
});

test("what can be recovered is told by currency, with what is contested already", () => {
  expect(
    recoverable([
      invoice("USD", "PAID", ["100.00", "20.50"]),
      invoice("USD", "DISPUTED", ["30.00"]),
      invoice("EUR", "OPEN", ["7.00"]),
      invoice("USD", "OPEN", []),
    ]),
  ).toEqual([
    { currency: "USD", amount: "150.50", findings: 3, invoices: 2, contested: "30.00" },
    { currency: "EUR", amount: "7.00", findings: 1, invoices: 1, contested: "0" },
  ]);
});
