/** A what-if as it is typed, as the gateway takes it, and the ones that were named and kept. */
import type { ScenarioInput } from "@/gql/graphql";
import { compare, isDecimal, shiftPoint } from "@/lib/decimal";

/** By field; families as "family:sms". Nothing typed: not there. */
export type Typed = Readonly<Record<string, string>>;

export interface ScenarioField {
  name: string;
  label: string;
  /** What is typed is a percentage. */
  percent?: boolean;
  hint?: string;
  least?: string;
  most?: string;
}

export const GENERAL: readonly ScenarioField[] = [
  { name: "growth", label: "Growth a year", percent: true, hint: "-10 is a decline", least: "-99" },
  {
    name: "cv",
    label: "How far the plan may miss (cv)",
    percent: true,
    hint: "0 is certain",
    least: "0",
  },
  {
    name: "listIncrease",
    label: "List prices rise a year",
    percent: true,
    least: "0",
  },
  { name: "volumeFactor", label: "All volumes times", hint: "1 is as forecast", least: "0" },
  { name: "annualDiscountRate", label: "Discount rate a year", percent: true, least: "0" },
  { name: "months", label: "Months", least: "1" },
];

export const DRIVERS: readonly ScenarioField[] = [
  { name: "leads", label: "Leads a month", hint: "Everything below needs them", least: "0" },
  { name: "conversationsPerLead", label: "Conversations per lead", least: "0" },
  { name: "messagesPerConversation", label: "Messages per conversation", least: "0" },
  { name: "repliesPerConversation", label: "Replies per conversation", least: "0" },
  { name: "wordsPerMessage", label: "Words per message", hint: "Make segments", least: "0" },
  { name: "unicodeShare", label: "With Unicode", percent: true, least: "0", most: "100" },
  { name: "mmsShare", label: "MMS share", percent: true, least: "0", most: "100" },
  { name: "rcsShare", label: "RCS share", percent: true, least: "0", most: "100" },
  { name: "whatsappShare", label: "WhatsApp share", percent: true, least: "0", most: "100" },
  { name: "tollfreeShare", label: "Toll-free share", percent: true, least: "0", most: "100" },
  { name: "shortcodeShare", label: "Short-code share", percent: true, least: "0", most: "100" },
  { name: "verifyAttemptsPerLead", label: "Verify attempts per lead", least: "0" },
  { name: "voiceMinutesPerLead", label: "Voice minutes out per lead", least: "0" },
  { name: "inboundMinutesPerLead", label: "Voice minutes in per lead", least: "0" },
  { name: "monthlyGrowth", label: "Growth a month", percent: true, least: "-99" },
];

const FAMILY = "family:";

export function familyField(family: string): ScenarioField {
  return { name: `${FAMILY}${family}`, label: family, least: "0" };
}

export function faultOf(field: ScenarioField, text: string | undefined): string | undefined {
  if (text === undefined || text.trim() === "") return undefined;
  const value = text.trim();
  if (!isDecimal(value)) return "A number such as 12.5.";
  if (field.name === "months" && !/^\d+$/.test(value)) return "A whole number.";
  if (field.least !== undefined && compare(value, field.least) < 0)
    return `At least ${field.least}.`;
  if (field.most !== undefined && compare(value, field.most) > 0) return `At most ${field.most}.`;
  return undefined;
}

function given(field: ScenarioField, typed: Typed): string | null {
  const text = typed[field.name]?.trim();
  if (!text || faultOf(field, text)) return null;
  return field.percent ? shiftPoint(text, -2) : text;
}

/** Null: nothing was typed that differs from the base. */
export function toScenario(typed: Typed): ScenarioInput | null {
  const scenario: Record<string, unknown> = {};
  for (const field of GENERAL) {
    const value = given(field, typed);
    if (value !== null) scenario[field.name] = field.name === "months" ? Number(value) : value;
  }
  const volumes = Object.keys(typed)
    .filter((name) => name.startsWith(FAMILY))
    .flatMap((name) => {
      const family = name.slice(FAMILY.length);
      const units = given(familyField(family), typed);
      return units === null ? [] : [{ family, units }];
    });
  if (volumes.length > 0) scenario.volumes = volumes;
  const drivers: Record<string, string> = {};
  for (const field of DRIVERS) {
    const value = given(field, typed);
    if (value !== null) drivers[field.name] = value;
  }
  // Every driver is per lead: without leads they say nothing.
  if (drivers.leads !== undefined) scenario.drivers = drivers;
  return Object.keys(scenario).length > 0 ? (scenario as ScenarioInput) : null;
}

/** Drivers were typed that nothing can be made of. */
export function lacksLeads(typed: Typed): boolean {
  return !typed.leads?.trim() && DRIVERS.some(({ name }) => typed[name]?.trim());
}

export interface NamedScenario {
  name: string;
  typed: Typed;
}

const KEY = "negotiation.scenarios";
const MOST = 30;

export function keptScenarios(): NamedScenario[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept)
      ? kept.filter((one): one is NamedScenario => typeof one?.name === "string" && one.typed)
      : [];
  } catch {
    return [];
  }
}

/** The same name replaces. Answers what is kept now. */
export function keepScenario(name: string, typed: Typed): NamedScenario[] {
  return store([{ name, typed }, ...keptScenarios().filter((one) => one.name !== name)]);
}

export function dropScenario(name: string): NamedScenario[] {
  return store(keptScenarios().filter((one) => one.name !== name));
}

function store(all: NamedScenario[]): NamedScenario[] {
  const kept = all.slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Private mode: kept as long as the page.
  }
  return kept;
}
