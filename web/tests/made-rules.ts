/** Rules, their kinds and what they said, for the mock gateway. */
import { instant } from "./made-data.ts";

type Row = Record<string, unknown>;

const COMMON = [
  { name: "negotiation", about: "the negotiation's name" },
  { name: "today", about: "the UTC day" },
];

export const RULE_KINDS: Row[] = [
  {
    __typename: "RuleKindInfo",
    kind: "ENVELOPE_OUT_OF_BAND",
    label: "Envelope leaves its band",
    about: "The vendor's margin today is below the floor or above the ceiling.",
    text: "{{negotiation}}: the margin {{margin}} is {{side}}.",
    names: [
      ...COMMON,
      { name: "margin", about: "the margin today" },
      { name: "side", about: "below the floor, or above the ceiling" },
    ],
    parameters: [
      {
        name: "threshold",
        about: "How far outside the band it must be; none: at all.",
        needed: false,
      },
    ],
  },
  {
    __typename: "RuleKindInfo",
    kind: "OFFER_EXPIRING",
    label: "Offer expires",
    about: "An open offer is valid for no more than some days.",
    text: "{{negotiation}}: {{offer}} expires in {{days}} days.",
    names: [...COMMON, { name: "offer", about: "its title" }, { name: "days", about: "days left" }],
    parameters: [{ name: "days", about: "So many days before it expires.", needed: true }],
  },
];

export function rule(known: Row = {}): Row {
  return {
    __typename: "Rule",
    id: "rule-1",
    name: "Margin out of its band",
    kind: "ENVELOPE_OUT_OF_BAND",
    enabled: false,
    negotiationId: null,
    days: null,
    threshold: "0.025",
    tier: null,
    recipients: ["+14155550123"],
    channel: "SMS",
    template: null,
    text: "{{negotiation}}: the margin {{margin}} is {{side}}.",
    quietHours: { start: "22:00", end: "07:00", zone: "Europe/Berlin", days: [] },
    passesQuietHours: true,
    dailyCap: 10,
    cooldownHours: 0,
    repeats: false,
    priority: "HIGH",
    version: 1,
    updatedAt: instant(-3_600_000),
    updatedBy: "Local operator",
    lastFiredAt: null,
    ...known,
  };
}

export function firing(of: Row, known: Row = {}): Row {
  return {
    __typename: "RuleFiring",
    id: "firing-1",
    ruleId: of.id,
    ruleName: of.name,
    kind: of.kind,
    subject: "neg-1",
    at: instant(-60_000),
    body: "Renewal 2027: the margin 61 % is above the ceiling.",
    facts: [{ name: "margin", value: "61 %" }],
    outcome: "QUEUED",
    notifications: [],
    heldBack: [],
    sendAt: null,
    test: false,
    ...known,
  };
}

/** As the gateway judges what is typed: a name is needed, and a text may only say the names of its kind. */
export function rulePreview(input: Row): Row {
  const kind = RULE_KINDS.find((info) => info.kind === input.kind);
  const template = String(input.template ?? kind?.text ?? "");
  const values: Record<string, string> = {
    negotiation: "Renewal 2027",
    today: "2026-11-24",
    margin: "61 %",
    side: "above the ceiling",
    offer: "[offer]",
    days: "[days]",
  };
  const known = new Set(((kind?.names ?? []) as { name: string }[]).map(({ name }) => name));
  const unknown = [...template.matchAll(/\{\{(\w+)\}\}/g)].find(
    ([, name]) => !known.has(`${name}`),
  );
  const body = template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => values[name] ?? "");
  const problems = [
    ...(input.name
      ? []
      : [{ code: "RULE_INVALID", message: "A rule needs a name.", field: "input.name" }]),
    ...(unknown
      ? [
          {
            code: "TEMPLATE_NAME",
            message: `There is no '${unknown[1]}' to write.`,
            field: "input.template",
          },
        ]
      : []),
  ];
  const holds = input.kind === "ENVELOPE_OUT_OF_BAND" && !unknown;
  return {
    body: unknown ? null : body,
    encoding: "GSM_7",
    characters: body.length,
    units: body.length,
    segments: Math.max(1, Math.ceil(body.length / 160)),
    price: (Math.max(1, Math.ceil(body.length / 160)) * 0.0083).toFixed(4),
    currency: "USD",
    recipients: Math.max(1, (input.recipients as string[] | undefined)?.length ?? 0),
    matches: holds ? [{ subject: "neg-1", body, told: true }] : [],
    facts: [...known].map((name) => ({ name, value: values[name] ?? "" })),
    sample: input.kind === "OFFER_EXPIRING",
    problems,
  };
}
