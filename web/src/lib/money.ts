/**
 * Money, prices, ratios and quantities as text. Values are decimal strings from the
 * wire and go to Intl as strings: it formats every digit of them exactly.
 */
import { abs, shiftPoint, sign } from "./decimal";

type Formatter = Intl.NumberFormat;
const formatters = new Map<string, Formatter>();

export function locale(): string {
  return globalThis.navigator?.language || "en-US";
}

function formatter(key: string, options: Intl.NumberFormatOptions): Formatter {
  const name = `${locale()} ${key}`;
  let found = formatters.get(name);
  if (!found) {
    found = new Intl.NumberFormat(locale(), options);
    formatters.set(name, found);
  }
  return found;
}

function exact(value: string): Intl.StringNumericLiteral {
  return value as Intl.StringNumericLiteral;
}

function currencyOptions(currency: string): Intl.NumberFormatOptions {
  return /^[A-Z]{3}$/.test(currency)
    ? { style: "currency", currency, currencyDisplay: "narrowSymbol" }
    : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
}

export function formatMoney(value: string, currency: string): string {
  return formatter(`money ${currency}`, currencyOptions(currency)).format(exact(value));
}

/** With its sign always shown: a difference. */
export function formatDelta(value: string, currency: string): string {
  return formatter(`delta ${currency}`, {
    ...currencyOptions(currency),
    signDisplay: "exceptZero",
  }).format(exact(value));
}

/** Up to six places: a price per unit. */
export function formatPrice(value: string, currency: string): string {
  return formatter(`price ${currency}`, {
    ...currencyOptions(currency),
    minimumFractionDigits: 2,
    maximumFractionDigits: 6,
  }).format(exact(value));
}

/** "151 segments", "1 hour": some units come in the plural as they are, and abbreviations have none. */
export function formatUnits(quantity: string, unit: string): string {
  const many = quantity !== "1" && /^[a-z]{4,}$/.test(unit) && !unit.endsWith("s");
  return `${formatQuantity(quantity)} ${many ? `${unit}s` : unit}`;
}

/** "$1.2M": for axes and tight places, beside the exact figure and never instead of it. */
export function formatCompact(value: string | number, currency?: string, places = 1): string {
  return formatter(`compact ${currency} ${places}`, {
    ...(currency && /^[A-Z]{3}$/.test(currency)
      ? { style: "currency", currency, currencyDisplay: "narrowSymbol" }
      : {}),
    notation: "compact",
    minimumFractionDigits: 0,
    maximumFractionDigits: places,
  }).format(typeof value === "number" ? value : exact(value));
}

export function formatRatio(value: string | null | undefined, places = 1): string {
  if (value == null) return "–";
  return formatter(`ratio ${places}`, {
    style: "percent",
    minimumFractionDigits: 0,
    maximumFractionDigits: places,
  }).format(exact(value));
}

/** A difference of two ratios, in percentage points. */
export function formatPoints(value: string): string {
  const points = formatter("points", { maximumFractionDigits: 1 }).format(
    exact(shiftPoint(abs(value), 2)),
  );
  return `${points} ${points === "1" ? "point" : "points"}`;
}

export function formatQuantity(value: string): string {
  return formatter("quantity", { maximumFractionDigits: 6 }).format(exact(value));
}

export function formatCount(value: number): string {
  return formatter("count", {}).format(value);
}

/** "1 row", "1,204 rows" */
export function formatRows(count: number): string {
  return `${formatCount(count)} ${count === 1 ? "row" : "rows"}`;
}

export function formatSigned(value: string, currency: string): string {
  return sign(value) === 0 ? formatMoney(value, currency) : formatDelta(value, currency);
}
