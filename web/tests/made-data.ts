/** Made data for the mock gateway: plausible, with holes, long names and large numbers where they hurt. */
export const DAY = 86_400_000;

export function day(offset: number, from = Date.now()): string {
  return new Date(Math.floor(from / DAY) * DAY + offset * DAY).toISOString().slice(0, 10);
}

export function instant(offsetMs = 0): string {
  return new Date(Date.now() + offsetMs).toISOString();
}

export const cents = (value: number) => value.toFixed(2);

export interface Targets {
  floorMargin: string;
  targetMargin: string;
  ceilingMargin: string;
}

export function ratio(text: string | null | undefined, fallback: string): string {
  if (text == null) return fallback;
  const value = text.endsWith("%") ? Number(text.slice(0, -1)) / 100 : Number(text);
  return String(Number(value.toFixed(4)));
}

export const STREAMS = [
  ["Programmable SMS, outbound, United States", "REVENUE", "message", 4_180_000, 0.0054, 0.0083],
  ["Carrier fees, pass-through", "REVENUE", "message", 4_180_000, 0.0035, 0.0035],
  ["Voice, outbound, all destinations", "REVENUE", "minute", 912_345, 0.0091, 0.014],
  ["Verify", "REVENUE", "verification", 210_400, 0.038, 0.05],
  [
    "WhatsApp Business conversations (utility and authentication templates)",
    "REVENUE",
    "conversation",
    98_211,
    0.0042,
    0.005,
  ],
  ["Cost to serve: messaging", "EXPENSE", "message", 4_180_000, 0.0029, 0.0029],
  ["Cost to serve: voice", "EXPENSE", "minute", 912_345, 0.0044, 0.0044],
  ["Cost to serve: identity", "EXPENSE", "verification", 210_400, 0.011, 0.011],
] as const;

export function streams(extraRevenue: number) {
  return STREAMS.map(([name, side, unit, volume, unitPrice, listUnitPrice], i) => {
    const more = i === 0 ? extraRevenue : 0;
    return {
      name,
      side,
      unit,
      volume: String(volume),
      unitPrice: String(unitPrice),
      listUnitPrice: String(listUnitPrice),
      amount: cents(volume * unitPrice + more),
      listAmount: cents(volume * listUnitPrice + more),
    };
  });
}

export function envelope(targets: Targets, extraRevenue: number) {
  const all = streams(extraRevenue);
  const total = (side: string, key: "amount" | "listAmount") =>
    all.filter((s) => s.side === side).reduce((sum, s) => sum + Number(s[key]), 0);
  const revenue = total("REVENUE", "amount");
  const expense = total("EXPENSE", "amount");
  const list = total("REVENUE", "listAmount");
  const level = (margin: string) => expense / (1 - Number(margin));
  const off = (margin: string) => (1 - level(margin) / list).toFixed(4);
  const step = (
    id: string,
    label: string,
    formula: string,
    value: string,
    inputs: string[] = [],
  ) => ({
    id,
    label,
    formula,
    value,
    inputs,
  });
  const parts = all.map((s, i) => {
    const id = `${s.side.toLowerCase()}_${i + 1}`;
    return step(id, s.name, `${s.unitPrice} * ${s.volume}`, s.amount);
  });
  const ids = (side: string) => parts.map((p) => p.id).filter((id) => id.startsWith(side));
  return {
    currency: "USD",
    revenue: cents(revenue),
    expense: cents(expense),
    listRevenue: cents(list),
    currentMargin: ((revenue - expense) / revenue).toFixed(4),
    ...targets,
    floorRevenue: cents(level(targets.floorMargin)),
    targetRevenue: cents(level(targets.targetMargin)),
    ceilingRevenue: cents(level(targets.ceilingMargin)),
    discountAtFloorMargin: off(targets.floorMargin),
    discountAtTargetMargin: off(targets.targetMargin),
    discountAtCeilingMargin: off(targets.ceilingMargin),
    warnings: [],
    trace: [
      ...parts,
      step("revenue", "Revenue", "sum(inputs)", cents(revenue), ids("revenue")),
      step("expense", "Expense", "sum(inputs)", cents(expense), ids("expense")),
      step(
        "current_margin",
        "Margin today",
        "round((revenue - expense) / revenue, 4)",
        ((revenue - expense) / revenue).toFixed(4),
        ["revenue", "expense"],
      ),
      step("target_margin", "Target margin", targets.targetMargin, targets.targetMargin),
      step(
        "target_revenue",
        "Revenue required at the target margin",
        "round(max(0, expense) / (1 - target_margin), 2)",
        cents(level(targets.targetMargin)),
        ["expense", "target_margin"],
      ),
    ],
  };
}

const MISSING = new Set([-71, -23, -22]);

export function dailySpend() {
  return Array.from({ length: 90 }, (_, i) => i - 90)
    .filter((offset) => !MISSING.has(offset))
    .map((offset) => {
      const wave = 2_400 + 700 * Math.sin(offset / 3.1) + 9 * (90 + offset);
      const surge = offset > -38 && offset < -33 ? 2.6 : 1;
      const weekend = [0, 6].includes(new Date(Date.now() + offset * DAY).getUTCDay()) ? 0.55 : 1;
      const list = wave * surge * weekend;
      return {
        date: day(offset),
        list: cents(list),
        net: cents(list * 0.68),
        billed: offset % 7 === 0 ? null : cents(list * 0.681),
        rows: 147,
      };
    });
}

export const TIERS = [
  { name: "A", threshold: "0", discount: "0.32" },
  { name: "B", threshold: "250000", discount: "0.37" },
  { name: "C", threshold: "1000000", discount: "0.45" },
];

export function trailing(extra: number) {
  const amount = dailySpend().reduce((sum, d) => sum + Number(d.list), 0) + extra;
  const tier = [...TIERS].reverse().find((t) => Number(t.threshold) < amount) ?? TIERS[0];
  const next = TIERS[TIERS.indexOf(tier as (typeof TIERS)[number]) + 1] ?? null;
  return {
    from: day(-90),
    to: day(-1),
    amount: cents(amount),
    basis: "LIST",
    tier,
    nextTier: next,
    toNextTier: next ? cents(Number(next.threshold) - amount) : null,
    missingDays: [...MISSING].map((offset) => day(offset)),
  };
}

export function milestones() {
  const make = (
    id: string,
    name: string,
    ownerRole: string,
    due: number,
    status: string,
    by: string | null = null,
  ) => ({
    __typename: "Milestone",
    id,
    name,
    ownerRole,
    dueOn: day(due),
    status,
    late: status === "PENDING" && due < 0,
    decidedBy: by,
    decidedAt: by ? instant(due * DAY) : null,
    note: by ? "Within the envelope" : null,
  });
  return [
    make("ms-1", "Commercial terms", "negotiator", -30, "APPROVED", "M. Okafor"),
    make("ms-2", "Security and data-processing addendum", "legal", -12, "PENDING"),
    make("ms-3", "Budget", "finance", -3, "PENDING"),
    make("ms-4", "Executive sponsor", "approver", 9, "PENDING"),
    make("ms-5", "Legal review", "legal", 16, "PENDING"),
    make("ms-6", "Board information", "approver", 30, "PENDING"),
  ];
}

export function invoices() {
  return Array.from({ length: 24 }, (_, i) => {
    const start = new Date(Date.UTC(2024, 11 + i, 1));
    const end = new Date(Date.UTC(2024, 12 + i, 0));
    const iso = (d: Date) => d.toISOString().slice(0, 10);
    const amount = 48_000 + i * 2_113.37 + (i % 5) * 991;
    const bad = i % 6 === 4;
    return {
      __typename: "Invoice",
      id: `inv-${i + 1}`,
      number: `TW-${start.getUTCFullYear()}-${String(start.getUTCMonth() + 1).padStart(2, "0")}-000${i + 118}`,
      periodStart: iso(start),
      periodEnd: iso(end),
      issuedOn: iso(new Date(end.getTime() + 3 * DAY)),
      amount: cents(amount),
      currency: i === 20 ? "EUR" : "USD",
      status: i === 16 ? "DISPUTED" : i > 20 ? "OPEN" : "PAID",
      lines: Array.from({ length: 6 }, (_, n) => ({
        number: n + 1,
        sku: n < 5 ? `sku-${n + 1}` : null,
        description: [
          "Programmable SMS, outbound US",
          "Carrier fees",
          "Voice, outbound",
          "Verify",
          "Phone numbers",
          "Support plan",
        ][n],
        quantity: n < 5 ? String(1_200_000 - n * 190_000) : null,
        unitPrice: n < 5 ? "0.0054" : null,
        amount: cents(amount / 6),
      })),
      findings: bad
        ? [
            {
              id: "1-WRONG_TIER",
              code: "WRONG_TIER",
              line: 1,
              expected: cents(amount * 0.16),
              billed: cents(amount / 6),
              delta: cents(amount / 6 - amount * 0.16),
              message: "Billed at tier A; the trailing spend had reached tier B.",
              trace: [
                {
                  id: "delta",
                  label: "Billed too much",
                  formula: cents(amount / 6 - amount * 0.16),
                  value: cents(amount / 6 - amount * 0.16),
                  inputs: [],
                },
              ],
            },
            {
              id: "2-DUPLICATE",
              code: "DUPLICATE_LINE",
              line: 2,
              expected: "0.00",
              billed: "12.50",
              delta: "12.50",
              message: "The line is there twice.",
              trace: [],
            },
          ]
        : [],
      provenance: "FIXTURE",
      disputedAmount: i === 16 ? "1204.55" : null,
      disputeReason: i === 16 ? "Tier B was reached on the 3rd." : null,
    };
  }).reverse();
}

export function skus() {
  const families = [
    "sms",
    "mms",
    "voice",
    "verify",
    "whatsapp",
    "email",
    "video",
    "lookup",
    "flex",
    "numbers",
    "conversations",
    "segment",
  ];
  return Array.from({ length: 147 }, (_, i) => {
    const family = families[i % families.length] ?? "sms";
    const list = 0.0035 + ((i * 37) % 101) / 9_000;
    return {
      __typename: "Sku",
      id: `${family}-${i + 1}`,
      key: `${family}-${i + 1}`,
      name: `${family[0]?.toUpperCase()}${family.slice(1)} ${["outbound", "inbound", "long code", "toll-free", "short code"][i % 5]}, region ${Math.floor(i / 12) + 1}`,
      family,
      unit: ["message", "minute", "verification"][i % 3],
      listRate: list.toFixed(6),
      contractRate: i % 11 === 3 ? null : (list * 0.68).toFixed(6),
      locked: i % 17 === 2,
      passThrough: i % 23 === 5,
    };
  });
}

export function changes() {
  return Array.from({ length: 120 }, (_, i) => ({
    revision: 480 - i,
    area: ["invoices", "usage", "negotiations", "notifications"][i % 4],
    entityId: ["inv-12", "2026-11-03/sms-outbound-us", "neg-1", "ntf-77"][i % 4],
    action: ["put", "put", "put", "put"][i % 4],
    actor: i % 3 === 0 ? "Local operator" : "sync",
    cause: [
      "importInvoices invoices-november.csv",
      "importUsage usage.csv",
      "setTargets",
      "sendNotification",
    ][i % 4],
    at: instant(-i * 1_740_000),
    hash: (i * 2_654_435_761).toString(16).padStart(16, "0").repeat(4),
  }));
}
