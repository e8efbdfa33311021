/** A rule as it is typed, and as the gateway takes it. What is allowed is the gateway's to say, by its preview. */
import type {
  NotificationChannel,
  NotificationPriority,
  RuleForListFragment,
  RuleInput,
  RuleKind,
  RuleKindForEditorFragment,
  Weekday,
} from "@/gql/graphql";
import { isDecimal, shiftPoint } from "@/lib/decimal";

export interface RuleDraft {
  name: string;
  kind: RuleKind;
  enabled: boolean;
  negotiationId: string | null;
  days: string;
  /** In percent. */
  threshold: string;
  tier: string;
  /** One number a line; none: the configured recipient. */
  recipients: string;
  channel: NotificationChannel;
  template: string;
  quiet: boolean;
  start: string;
  end: string;
  zone: string;
  quietDays: Weekday[];
  passesQuietHours: boolean;
  dailyCap: string;
  cooldownHours: string;
  repeats: boolean;
  priority: NotificationPriority;
}

export const WEEKDAYS: readonly { value: Weekday; label: string }[] = [
  { value: "MON", label: "Mon" },
  { value: "TUE", label: "Tue" },
  { value: "WED", label: "Wed" },
  { value: "THU", label: "Thu" },
  { value: "FRI", label: "Fri" },
  { value: "SAT", label: "Sat" },
  { value: "SUN", label: "Sun" },
];

export function emptyDraft(kind: RuleKind, zone: string): RuleDraft {
  return {
    name: "",
    kind,
    enabled: false,
    negotiationId: null,
    days: "",
    threshold: "",
    tier: "",
    recipients: "",
    channel: "SMS",
    template: "",
    quiet: true,
    start: "22:00",
    end: "07:00",
    zone,
    quietDays: [],
    passesQuietHours: false,
    dailyCap: "10",
    cooldownHours: "0",
    repeats: false,
    priority: "NORMAL",
  };
}

export function draftOf(rule: RuleForListFragment, zone: string): RuleDraft {
  const { quietHours } = rule;
  return {
    ...emptyDraft(rule.kind, zone),
    name: rule.name,
    enabled: rule.enabled,
    negotiationId: rule.negotiationId ?? null,
    days: rule.days == null ? "" : String(rule.days),
    threshold: rule.threshold == null ? "" : shiftPoint(rule.threshold, 2),
    tier: rule.tier ?? "",
    recipients: rule.recipients.join("\n"),
    channel: rule.channel,
    template: rule.template ?? "",
    quiet: quietHours != null,
    ...(quietHours && {
      start: quietHours.start,
      end: quietHours.end,
      zone: quietHours.zone,
      quietDays: [...quietHours.days],
    }),
    passesQuietHours: rule.passesQuietHours,
    dailyCap: String(rule.dailyCap),
    cooldownHours: String(rule.cooldownHours),
    repeats: rule.repeats,
    priority: rule.priority,
  };
}

const whole = (typed: string): number | null =>
  /^\s*\d{1,9}\s*$/.test(typed) ? Number(typed) : null;

export interface ReadDraft {
  input: RuleInput;
  /** What cannot even be sent, by the name of its field. */
  faults: Readonly<Record<string, string>>;
}

/** Only the parameters that the kind takes are sent; an empty one is none. */
export function read(
  draft: RuleDraft,
  info: RuleKindForEditorFragment | undefined,
  saved?: { id: string; version: number },
): ReadDraft {
  const faults: Record<string, string> = {};
  const takes = (name: string) => info?.parameters.some((p) => p.name === name) ?? false;
  const count = (name: "days" | "dailyCap" | "cooldownHours"): number | null => {
    if (draft[name].trim() === "") return null;
    const value = whole(draft[name]);
    if (value === null) faults[name] = "A whole number, such as 7";
    return value;
  };
  const percent = (): string | null => {
    const typed = draft.threshold.trim().replace(",", ".");
    if (typed === "") return null;
    if (isDecimal(typed)) return shiftPoint(typed, -2);
    faults.threshold = "A percentage, such as 5 or 2.5";
    return null;
  };
  const numbers = draft.recipients.split(/[\n,;]/).map((line) => line.trim());
  const input: RuleInput = {
    ...(saved && { id: saved.id, version: saved.version }),
    name: draft.name.trim(),
    kind: draft.kind,
    enabled: draft.enabled,
    negotiationId: draft.negotiationId,
    days: takes("days") ? count("days") : null,
    threshold: takes("threshold") ? percent() : null,
    tier: takes("tier") ? draft.tier.trim() || null : null,
    recipients: numbers.filter((line) => line !== ""),
    channel: draft.channel,
    template: draft.template.trim() === "" ? null : draft.template,
    quietHours: draft.quiet
      ? { start: draft.start, end: draft.end, zone: draft.zone.trim(), days: draft.quietDays }
      : null,
    passesQuietHours: draft.passesQuietHours,
    dailyCap: count("dailyCap") ?? 10,
    cooldownHours: count("cooldownHours") ?? 0,
    repeats: draft.repeats,
    priority: draft.priority,
  };
  return { input, faults };
}

/** "input.quietHours.zone" → "zone", "input.recipients.0" → "recipients": the field of the form. */
export function fieldOf(path: string | null | undefined): string {
  const parts = (path ?? "").split(".").filter((part) => part !== "input" && !/^\d+$/.test(part));
  const [first = "", second] = parts;
  return first === "quietHours" ? (second === "days" ? "quietDays" : (second ?? "start")) : first;
}

/** The first thing said against each field. */
export function byField(
  problems: readonly { message: string; field?: string | null }[],
): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { field, message } of problems) found[fieldOf(field)] ??= message;
  return found;
}

/** "22:00 to 07:00, Mon to Fri" in short. */
export function quietWords(quiet: RuleForListFragment["quietHours"]): string {
  if (!quiet) return "at any hour";
  const days =
    quiet.days.length === 0
      ? ""
      : ` ${WEEKDAYS.filter(({ value }) => quiet.days.includes(value))
          .map(({ label }) => label)
          .join(", ")}`;
  return `not from ${quiet.start} to ${quiet.end}${days} (${quiet.zone})`;
}
