/** Days are UTC days, instants are shown in the reader's time zone. */
import { locale } from "./money";

const DAY = 86_400_000;

export function parseDay(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

export function formatDay(day: string | null | undefined, withYear = true): string {
  if (!day) return "–";
  return new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "short",
    ...(withYear ? { year: "numeric" } : {}),
    timeZone: "UTC",
  }).format(parseDay(day));
}

export function formatMonth(day: string): string {
  return new Intl.DateTimeFormat(locale(), {
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(parseDay(day));
}

export function formatRange(from: string, to: string): string {
  return new Intl.DateTimeFormat(locale(), {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).formatRange(parseDay(from), parseDay(to));
}

export function formatInstant(instant: string | number | null | undefined): string {
  if (instant == null) return "–";
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(
    new Date(instant),
  );
}

export function formatTime(instant: string | number): string {
  return new Intl.DateTimeFormat(locale(), { timeStyle: "short" }).format(new Date(instant));
}

/** Whole days from today (UTC) to `day`; negative when it has passed. */
export function daysUntil(day: string, now: number): number {
  return Math.round((parseDay(day).getTime() - Math.floor(now / DAY) * DAY) / DAY);
}

/** "12 s", "4 min", "3 h", "5 d": short enough for a pill. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.round(hours / 24)} d`;
}

export function eachDay(from: string, to: string): string[] {
  const days: string[] = [];
  for (let t = parseDay(from).getTime(); t <= parseDay(to).getTime() && days.length < 800; t += DAY)
    days.push(new Date(t).toISOString().slice(0, 10));
  return days;
}
