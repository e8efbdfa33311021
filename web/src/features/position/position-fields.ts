/** How we mean to negotiate, as a form shows it and as the gateway takes it. */
import type { PositionForScreenFragment, SetPositionInput } from "@/gql/graphql";
import { isDecimal, shiftPoint } from "@/lib/decimal";

export type Position = NonNullable<PositionForScreenFragment["position"]>;
export type PositionValues = Readonly<Record<string, string>>;

export interface PositionField {
  name: Exclude<keyof Position, "__typename">;
  label: string;
  hint: string;
  type: "money" | "percent" | "number" | "whole" | "text";
  /** Empty clears it; else it is needed. */
  clears?: boolean;
}

export const POSITION_FIELDS: readonly PositionField[] = [
  {
    name: "batnaCost",
    label: "Without a deal, a year costs",
    hint: "Empty: the contract in force goes on",
    type: "money",
    clears: true,
  },
  {
    name: "batnaNote",
    label: "What that is",
    hint: "Another vendor, our own build …",
    type: "text",
    clears: true,
  },
  {
    name: "downstreamRevenue",
    label: "Our revenue from it, a year",
    hint: "Says what we can pay at all",
    type: "money",
    clears: true,
  },
  {
    name: "otherCosts",
    label: "Our other costs, a year",
    hint: "Besides this vendor",
    type: "money",
    clears: true,
  },
  {
    name: "ownMargin",
    label: "Margin that we keep",
    hint: "Of our revenue, at least",
    type: "percent",
    clears: true,
  },
  {
    name: "vendorMargin",
    label: "Margin that the vendor keeps",
    hint: "Empty: the envelope’s floor",
    type: "percent",
    clears: true,
  },
  {
    name: "vendorCostLow",
    label: "Vendor’s cost, at least",
    hint: "Times our estimate",
    type: "number",
  },
  {
    name: "vendorCostHigh",
    label: "Vendor’s cost, at most",
    hint: "Times our estimate",
    type: "number",
  },
  { name: "plannedRounds", label: "Rounds", hint: "In which we want to close", type: "whole" },
  { name: "opening", label: "Given at once", hint: "Of the way to our limit", type: "percent" },
  {
    name: "patience",
    label: "Patience",
    hint: "Below 1 concedes late, above 1 early",
    type: "number",
  },
  {
    name: "shortfallLimit",
    label: "Highest P(shortfall) that we sign",
    hint: "Above it the verdict is counter",
    type: "percent",
  },
];

export function valuesOf(position: Position): PositionValues {
  return Object.fromEntries(
    POSITION_FIELDS.map(({ name, type }) => {
      const value = position[name];
      if (value == null) return [name, ""];
      return [name, type === "percent" ? shiftPoint(String(value), 2) : String(value)];
    }),
  );
}

/** Only what was changed is sent: what somebody else changed meanwhile stays theirs. */
export function positionInput(
  values: PositionValues,
  saved: PositionValues,
): { input: SetPositionInput; faults: Readonly<Record<string, string>> } {
  const input: Record<string, unknown> = {};
  const faults: Record<string, string> = {};
  for (const { name, type, clears } of POSITION_FIELDS) {
    const text = (values[name] ?? "").trim();
    if (text === (saved[name] ?? "")) continue;
    if (text === "") {
      if (clears) input[name] = null;
      else faults[name] = "It is needed.";
    } else if (type === "text") input[name] = text;
    else if (!isDecimal(text)) faults[name] = "A number such as 1234.5.";
    else if (type === "whole") {
      if (/^\d{1,6}$/.test(text)) input[name] = Number(text);
      else faults[name] = "A whole number.";
    } else input[name] = type === "percent" ? shiftPoint(text, -2) : text;
  }
  return { input: input as SetPositionInput, faults };
}
