/**
 * Exact arithmetic on decimal strings, enough to compare, add and subtract money.
 * Formatting is `money.ts`; nothing here ever becomes a float.
 */
interface Scaled {
  units: bigint;
  scale: number;
}

const SHAPE = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

function parse(value: string): Scaled {
  const match = SHAPE.exec(value.trim());
  if (!match || (!match[2] && !match[3])) throw new RangeError(`Not a decimal: ${value}`);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match;
  const shift = fraction.length - Number(exponent);
  const digits = BigInt(`${whole}${fraction}`) * (shift < 0 ? 10n ** BigInt(-shift) : 1n);
  return { units: sign === "-" ? -digits : digits, scale: Math.max(0, shift) };
}

function print({ units, scale }: Scaled): string {
  const negative = units < 0n;
  const digits = (negative ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale > 0 ? `.${digits.slice(digits.length - scale)}` : "";
  return `${negative ? "-" : ""}${whole}${fraction}`;
}

function aligned(a: string, b: string): [bigint, bigint, number] {
  const x = parse(a);
  const y = parse(b);
  const scale = Math.max(x.scale, y.scale);
  return [
    x.units * 10n ** BigInt(scale - x.scale),
    y.units * 10n ** BigInt(scale - y.scale),
    scale,
  ];
}

export function add(a: string, b: string): string {
  const [x, y, scale] = aligned(a, b);
  return print({ units: x + y, scale });
}

export function subtract(a: string, b: string): string {
  const [x, y, scale] = aligned(a, b);
  return print({ units: x - y, scale });
}

export function compare(a: string, b: string): -1 | 0 | 1 {
  const [x, y] = aligned(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

export function sign(value: string): -1 | 0 | 1 {
  const { units } = parse(value);
  return units < 0n ? -1 : units > 0n ? 1 : 0;
}

export function negate(value: string): string {
  const { units, scale } = parse(value);
  return print({ units: -units, scale });
}

export function abs(value: string): string {
  return sign(value) < 0 ? negate(value) : print(parse(value));
}

export function sum(values: readonly string[]): string {
  return values.reduce(add, "0");
}

/** "35" (a percentage as typed) to "0.35"; and back. Moves the point, computes nothing. */
export function shiftPoint(value: string, places: number): string {
  const { units, scale } = parse(value);
  const moved = scale - places;
  const text = print(
    moved >= 0 ? { units, scale: moved } : { units: units * 10n ** BigInt(-moved), scale: 0 },
  );
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

export function isDecimal(value: string): boolean {
  const match = SHAPE.exec(value.trim());
  return Boolean(match && (match[2] || match[3]));
}

/** For pixels only: never shown, never sent. */
export function toPixels(value: string | null | undefined): number {
  return value == null ? 0 : Number.parseFloat(value);
}
