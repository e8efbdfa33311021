/** The kinds of terms with their fields, and the way from a form to TermInput and back. */
import type { TermForListFragment, TermInput } from "@/gql/graphql";
import { isDecimal, shiftPoint } from "@/lib/decimal";

export type Kind = Exclude<keyof TermInput, never>;
export type Row = Record<string, string>;
export type Value = string | boolean | Row[];
export type Values = Record<string, Value>;

export interface DraftTerm {
  /** Of the form only. */
  key: string;
  kind: Kind;
  values: Values;
}

export interface FieldSpec {
  name: string;
  label: string;
  type: "text" | "decimal" | "percent" | "integer" | "date" | "choice" | "flag" | "list" | "rows";
  hint?: string;
  options?: readonly string[];
  /** Of `rows`. */
  columns?: readonly FieldSpec[];
  /** What a new term begins with. */
  initial?: string | boolean;
  needed?: boolean;
}

const families: FieldSpec = {
  name: "families",
  label: "Families",
  type: "list",
  hint: "Separated by commas; empty: all but pass-through",
};

const COMMON: readonly FieldSpec[] = [
  { name: "clause", label: "Clause", type: "text" },
  { name: "text", label: "Wording", type: "text" },
];

export const KINDS: Record<Kind, { title: string; fields: readonly FieldSpec[] }> = {
  rate: {
    title: "Rate",
    fields: [
      { name: "family", label: "Family", type: "text", hint: "Either a family or a SKU" },
      { name: "sku", label: "SKU", type: "text" },
      { name: "discount", label: "Discount off list", type: "percent" },
      { name: "unitPrice", label: "Unit price", type: "decimal" },
      {
        name: "model",
        label: "Model",
        type: "choice",
        options: ["FLAT", "GRADUATED", "VOLUME", "PACKAGE"],
        initial: "FLAT",
      },
      { name: "packageSize", label: "Package size", type: "decimal" },
      { name: "locked", label: "Locked: the ladder does not touch it", type: "flag" },
      {
        name: "tiers",
        label: "Tiers",
        type: "rows",
        columns: [
          { name: "upTo", label: "Up to (empty: the rest)", type: "decimal" },
          { name: "unitPrice", label: "Unit price", type: "decimal", needed: true },
        ],
      },
    ],
  },
  ladder: {
    title: "Ladder",
    fields: [
      {
        name: "tiers",
        label: "Tiers",
        type: "rows",
        columns: [
          { name: "name", label: "Name", type: "text", needed: true },
          { name: "threshold", label: "From spend of", type: "decimal", needed: true },
          { name: "discount", label: "Discount", type: "percent", needed: true },
        ],
      },
      {
        name: "basis",
        label: "Spend counted",
        type: "choice",
        options: ["LIST", "NET", "BILLED"],
        initial: "LIST",
      },
      {
        name: "application",
        label: "Applies to",
        type: "choice",
        options: ["CLIFF", "MARGINAL"],
        initial: "CLIFF",
      },
      {
        name: "boundary",
        label: "Threshold",
        type: "choice",
        options: ["EXCLUSIVE", "INCLUSIVE"],
        initial: "EXCLUSIVE",
      },
      { name: "windowDays", label: "Window, days", type: "integer", initial: "90" },
      {
        name: "effective",
        label: "In force",
        type: "choice",
        options: ["NEXT_INVOICE", "NEXT_DAY", "IMMEDIATE"],
        initial: "NEXT_INVOICE",
      },
      {
        name: "downgrade",
        label: "When spend falls",
        type: "choice",
        options: ["FOLLOWS", "RATCHET", "GRACE"],
        initial: "FOLLOWS",
      },
      { name: "graceMonths", label: "Grace, months", type: "integer", initial: "0" },
      {
        name: "stacking",
        label: "With locked rates",
        type: "choice",
        options: ["BETTER_OF", "LOCKED_WINS", "LADDER_WINS", "COMPOUND"],
        initial: "BETTER_OF",
      },
      families,
    ],
  },
  commitment: {
    title: "Commitment",
    fields: [
      { name: "amount", label: "Amount per interval", type: "decimal", needed: true },
      {
        name: "interval",
        label: "Interval",
        type: "choice",
        options: ["MONTHLY", "QUARTERLY", "ANNUAL", "TERM"],
        initial: "ANNUAL",
      },
      families,
    ],
  },
  ramp: {
    title: "Ramp of the commitment",
    fields: [
      {
        name: "steps",
        label: "Steps",
        type: "rows",
        columns: [
          { name: "fromMonth", label: "From month", type: "integer", needed: true },
          { name: "commitment", label: "Commitment per interval", type: "decimal", needed: true },
        ],
      },
    ],
  },
  shortfall: {
    title: "Shortfall",
    fields: [
      {
        name: "outcome",
        label: "What a missed commitment costs",
        type: "choice",
        options: ["PAY_100", "PAY_PCT", "CARRY_FORWARD", "RATE_CLAWBACK", "NONE"],
        initial: "PAY_100",
      },
      { name: "percent", label: "Share to pay", type: "percent", hint: "For pay pct" },
    ],
  },
  credit: {
    title: "Credit",
    fields: [
      { name: "amount", label: "Amount", type: "decimal", hint: "Or a share of invoices" },
      { name: "invoiceShare", label: "Share of each invoice", type: "percent" },
      { name: "invoiceCount", label: "Number of invoices", type: "integer" },
      { name: "grantedOn", label: "Granted on", type: "date" },
      { name: "expiresOn", label: "Expires on", type: "date" },
    ],
  },
  payment: {
    title: "Payment",
    fields: [{ name: "netDays", label: "Net days", type: "integer", initial: "30", needed: true }],
  },
  renewal: {
    title: "Term and renewal",
    fields: [
      { name: "start", label: "Start", type: "date", needed: true },
      { name: "termMonths", label: "Months", type: "integer", initial: "24", needed: true },
      { name: "noticeDays", label: "Notice, days", type: "integer", initial: "60" },
      { name: "autoRenew", label: "Renews by itself", type: "flag", initial: true },
    ],
  },
  priceProtection: {
    title: "Price protection",
    fields: [
      {
        name: "maxIncrease",
        label: "List prices rise by at most, a year",
        type: "percent",
        needed: true,
      },
    ],
  },
  qualitative: {
    title: "Not priced",
    fields: [
      { name: "topic", label: "Topic", type: "text", needed: true },
      { name: "weight", label: "How much it matters to us", type: "percent" },
    ],
  },
};

export const KIND_NAMES = Object.keys(KINDS) as Kind[];

export function fieldsOf(kind: Kind): readonly FieldSpec[] {
  return [...KINDS[kind].fields, ...COMMON];
}

let made = 0;

export function newTerm(kind: Kind): DraftTerm {
  made += 1;
  const values: Values = {};
  for (const { name, type, initial, columns } of fieldsOf(kind))
    values[name] =
      initial ?? (type === "flag" ? false : type === "rows" ? (columns ? [] : []) : "");
  return { key: `new-${Date.now()}-${made}`, kind, values };
}

const OF_TYPE: Record<string, Kind> = {
  RateTerm: "rate",
  LadderTerm: "ladder",
  CommitmentTerm: "commitment",
  CreditTerm: "credit",
  RampTerm: "ramp",
  PaymentTerm: "payment",
  ShortfallTerm: "shortfall",
  RenewalTerm: "renewal",
  PriceProtectionTerm: "priceProtection",
  QualitativeTerm: "qualitative",
};
/** The documents rename fields that two kinds have with different types. */
const ALIASES: Partial<Record<Kind, Record<string, string>>> = {
  rate: { tiers: "rateTiers" },
  ladder: { tiers: "ladderTiers" },
  commitment: { amount: "commitment" },
};

function shown(spec: FieldSpec, value: unknown): Value {
  if (spec.type === "flag") return value === true;
  if (spec.type === "rows")
    return (Array.isArray(value) ? value : []).map((row: Record<string, unknown>) =>
      Object.fromEntries(
        (spec.columns ?? []).map((column) => [
          column.name,
          String(shown(column, row[column.name])),
        ]),
      ),
    );
  if (spec.type === "list") return Array.isArray(value) ? value.join(", ") : "";
  if (value == null) return "";
  return spec.type === "percent" ? shiftPoint(String(value), 2) : String(value);
}

/** A term as the form shows it; null: a kind that this build does not know. */
export function fromTerm(term: TermForListFragment): DraftTerm | null {
  const kind = OF_TYPE[term.__typename];
  if (!kind) return null;
  const source = term as unknown as Record<string, unknown>;
  made += 1;
  return {
    key: `${term.id}-${made}`,
    kind,
    values: Object.fromEntries(
      fieldsOf(kind).map((spec) => [
        spec.name,
        shown(spec, source[ALIASES[kind]?.[spec.name] ?? spec.name]),
      ]),
    ),
  };
}

/** What is wrong at a field, by its path: "2.tiers.1.threshold". */
export type Faults = Record<string, string>;

function scalar(spec: FieldSpec, text: string, path: string, faults: Faults): unknown {
  const trimmed = text.trim();
  if (trimmed === "") {
    if (spec.needed) faults[path] = "It is needed.";
    return null;
  }
  if ((spec.type === "decimal" || spec.type === "percent") && !isDecimal(trimmed))
    faults[path] = "A number such as 1234.5.";
  if (spec.type === "integer" && !/^-?\d{1,9}$/.test(trimmed)) faults[path] = "A whole number.";
  if (spec.type === "date" && !/^\d{4}-\d\d-\d\d$/.test(trimmed)) faults[path] = "A day.";
  if (faults[path]) return null;
  if (spec.type === "integer") return Number(trimmed);
  if (spec.type === "percent") return shiftPoint(trimmed, -2);
  return trimmed;
}

function input(spec: FieldSpec, value: Value | undefined, path: string, faults: Faults): unknown {
  if (spec.type === "flag") return value === true;
  if (spec.type === "list")
    return String(value ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean);
  if (spec.type === "rows")
    return (Array.isArray(value) ? value : []).map((row, i) =>
      Object.fromEntries(
        (spec.columns ?? []).map((column) => [
          column.name,
          scalar(column, row[column.name] ?? "", `${path}.${i}.${column.name}`, faults),
        ]),
      ),
    );
  return scalar(spec, String(value ?? ""), path, faults);
}

/** What the gateway takes; and what it need not be asked to know that it is wrong. */
export function toInput(terms: readonly DraftTerm[]): { terms: TermInput[]; faults: Faults } {
  const faults: Faults = {};
  const inputs = terms.map(({ kind, values }, index) => ({
    [kind]: Object.fromEntries(
      fieldsOf(kind).flatMap((spec) => {
        const value = input(spec, values[spec.name], `${index}.${spec.name}`, faults);
        // Left out: the gateway's own default.
        return value === null ? [] : [[spec.name, value]];
      }),
    ),
  }));
  return { terms: inputs as unknown as TermInput[], faults };
}

/** "input.terms.0.commitment.amount" and "terms.0.amount" are both "0.amount" of the form. */
export function faultPath(path: string): string {
  const parts = path.split(".");
  const at = parts.findIndex((part) => /^\d+$/.test(part));
  if (at < 0) return parts[parts.length - 1] ?? path;
  const rest = parts.slice(at);
  if (KIND_NAMES.includes(rest[1] as Kind)) {
    // A ramp's step has a field that is called as a kind.
    const [index = "", , ...inside] = rest;
    return [index, ...inside].join(".");
  }
  return rest.join(".");
}

/** In a line: what the term says, for when it is closed. Choices that are as usual are left out where there is more to say. */
export function summary(term: DraftTerm): string {
  return said(term, false) || said(term, true);
}

function said({ kind, values }: DraftTerm, usual: boolean): string {
  return KINDS[kind].fields
    .flatMap((spec) => {
      const value = values[spec.name];
      if (value === "" || value === false || value === undefined) return [];
      if (value === true) return [spec.label.split(":")[0]?.toLowerCase() ?? ""];
      if (Array.isArray(value))
        return value.length > 0
          ? [value.map((row) => Object.values(row).filter(Boolean).join(" · ")).join("; ")]
          : [];
      if (!usual && value === spec.initial && spec.type === "choice") return [];
      const text = spec.type === "choice" ? value.toLowerCase().replaceAll("_", " ") : value;
      return [
        `${spec.label.split(",")[0]?.toLowerCase()} ${text}${spec.type === "percent" ? "%" : ""}`,
      ];
    })
    .join(", ");
}
