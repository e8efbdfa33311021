import { expect, test } from "vitest";
import type { TermForListFragment } from "@/gql/graphql";
import { faultPath, fromTerm, KIND_NAMES, KINDS, newTerm, summary, toInput } from "./term-fields";

const ladder = {
  __typename: "LadderTerm",
  id: "t1",
  clause: "4.2",
  text: null,
  boundary: "INCLUSIVE",
  application: "MARGINAL",
  basis: "NET",
  windowDays: 90,
  effective: "NEXT_DAY",
  downgrade: "GRACE",
  graceMonths: 2,
  stacking: "COMPOUND",
  families: ["sms", "mms"],
  ladderTiers: [{ name: "A", threshold: "200000.00", discount: "0.325" }],
} as unknown as TermForListFragment;

test("a term goes through the form unchanged", () => {
  const draft = fromTerm(ladder);
  expect(draft?.values.tiers).toEqual([{ name: "A", threshold: "200000.00", discount: "32.5" }]);
  const { terms, faults } = toInput(draft ? [draft] : []);
  expect(faults).toEqual({});
  expect(terms).toEqual([
    {
      ladder: {
        clause: "4.2",
        boundary: "INCLUSIVE",
        application: "MARGINAL",
        basis: "NET",
        windowDays: 90,
        effective: "NEXT_DAY",
        downgrade: "GRACE",
        graceMonths: 2,
        stacking: "COMPOUND",
        families: ["sms", "mms"],
        tiers: [{ name: "A", threshold: "200000.00", discount: "0.325" }],
      },
    },
  ]);
});

test("zero is a value, empty is left out", () => {
  const commitment = newTerm("commitment");
  commitment.values.amount = "0";
  expect(toInput([commitment]).terms).toEqual([
    { commitment: { amount: "0", interval: "ANNUAL", families: [] } },
  ]);
});

test("what is plainly wrong stands at its field without asking the gateway", () => {
  const rate = newTerm("rate");
  rate.values.discount = "abc";
  rate.values.tiers = [{ upTo: "", unitPrice: "" }];
  const payment = newTerm("payment");
  payment.values.netDays = "30.5";
  expect(toInput([rate, payment]).faults).toEqual({
    "0.discount": "A number such as 1234.5.",
    "0.tiers.0.unitPrice": "It is needed.",
    "1.netDays": "A whole number.",
  });
});

test("the gateway's paths find their fields, whether by variable or by term", () => {
  expect(faultPath("terms.0.amount")).toBe("0.amount");
  expect(faultPath("input.terms.2.commitment.amount")).toBe("2.amount");
  expect(faultPath("terms.1.tiers.1.threshold")).toBe("1.tiers.1.threshold");
  expect(faultPath("terms.3.steps.0.commitment")).toBe("3.steps.0.commitment");
  expect(faultPath("terms.3.ramp.steps.0.commitment")).toBe("3.steps.0.commitment");
  expect(faultPath("input.title")).toBe("title");
});

test("every kind can be begun, and says itself in a line", () => {
  for (const kind of KIND_NAMES) expect(newTerm(kind).kind).toBe(kind);
  expect(KIND_NAMES).toHaveLength(10);
  const draft = fromTerm(ladder);
  expect(draft && summary(draft)).toContain("A · 200000.00 · 32.5");
  expect(KINDS.priceProtection.title).toBe("Price protection");
});

test("a kind from a newer gateway is not taken for another", () => {
  expect(fromTerm({ __typename: "FreeLunchTerm", id: "x" } as unknown as TermForListFragment)).toBe(
    null,
  );
});
