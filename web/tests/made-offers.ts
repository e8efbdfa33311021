/** Made offers of two rounds: a trap, a flap, a good one and our own. */
import { cents, DAY, day, instant, TIERS } from "./made-data.ts";

export function evaluation(
  headline: string,
  effective: string,
  cash: number,
  shortfall: number,
  risk: string,
  verdict: string,
  spread = 0.12,
) {
  const list = 1_860_000;
  const usage = cash - shortfall;
  return {
    months: 12,
    listCost: cents(list),
    cash: cents(cash),
    npv: cents(cash * 0.937),
    shortfall: cents(shortfall),
    credits: cents(verdict === "COUNTER" ? 50_000 : 0),
    effectiveDiscount: effective,
    headlineDiscount: headline,
    costP10: cents(cash * (1 - spread)),
    costP50: cents(cash * 1.01),
    costP90: cents(cash * (1 + spread * 1.4)),
    mean: cents(cash * 1.012),
    cvar95: cents(cash * (1 + spread * 1.9)),
    certaintyEquivalent: cents(cash * (1.012 + spread * 0.4)),
    riskAversion: "0.25",
    standardError: cents(cash * 0.001),
    paths: 10_000,
    start: "2027-01-01",
    end: "2028-01-01",
    unusedCredit: "0.00",
    costFan: Array.from({ length: 12 }, (_, m) => ({
      month: `2027-${String(m + 1).padStart(2, "0")}-01`,
      p10: cents((cash * (1 - spread) * (m + 1)) / 12),
      p50: cents((cash * 1.01 * (m + 1)) / 12),
      p90: cents((cash * (1 + spread * 1.4) * (m + 1)) / 12),
    })),
    intervals: [
      {
        commitmentId: "t2",
        first: "2027-01-01",
        end: "2028-01-01",
        committed: "1200000.00",
        burn: cents(1_200_000 - shortfall),
        carriedIn: "0.00",
        shortfall: cents(shortfall),
        charge: cents(shortfall),
      },
    ],
    trace: [
      { id: "usage", label: "Usage", formula: cents(usage), value: cents(usage), inputs: [] },
      {
        id: "due",
        label: "Shortfall",
        formula: cents(shortfall),
        value: cents(shortfall),
        inputs: [],
      },
      {
        id: "cash",
        label: "Cash",
        formula: "sum(inputs)",
        value: cents(cash),
        inputs: ["usage", "due"],
      },
    ],
    shortfallProbability: risk,
    expectedShortfall: cents(shortfall * 1.18),
    breakEvenSpend: cents(1_480_000),
    monthly: Array.from({ length: 12 }, (_, m) => {
      const monthList = 100_000 + m * 10_000;
      return {
        month: `${2027 + Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}-01`,
        list: cents(monthList),
        tier: m < 4 ? "A" : "B",
        discount: m < 4 ? "0.32" : "0.37",
        net: cents((usage / 12) * (0.75 + m * 0.045)),
        passThrough: cents(monthList * 0.08),
        credits: "0.00",
        shortfall: cents(m === 11 ? shortfall : 0),
        cash: cents((usage / 12) * (0.75 + m * 0.045) + (m === 11 ? shortfall : 0)),
        dueOn: `2027-${String(m + 1).padStart(2, "0")}-28`,
      };
    }),
    verdict,
    reasons:
      verdict === "ACCEPT"
        ? [
            {
              code: "ABOVE_TARGET",
              message: "Below our reservation value, no commitment at risk.",
              field: null,
            },
          ]
        : [
            {
              code: "SHORTFALL_PROB_ABOVE_LIMIT",
              message: `The chance of a shortfall is ${Math.round(Number(risk) * 100)} %, above the limit of 25 %.`,
              field: null,
            },
          ],
  };
}

export interface Scenario {
  growth?: string;
  drivers?: { leads: string };
}

/** Growth moves the cost in proportion; a business without leads costs nothing but the rest. */
function under(ev: ReturnType<typeof evaluation>, scenario?: Scenario | null) {
  if (!scenario) return ev;
  const factor = (1 + Number(scenario.growth ?? 0)) * (scenario.drivers ? 1.25 : 1);
  return { ...ev, cash: cents(Number(ev.cash) * factor) };
}

/** What drafted terms cost: less for each term, dearer for each committed dollar. */
export function draft(terms: Record<string, Record<string, unknown>>[]) {
  const committed = terms.reduce((sum, t) => sum + Number(t.commitment?.amount ?? 0), 0);
  const cost = 1_200_000 + committed / 10;
  return {
    terms: [],
    lint: [],
    evaluation: evaluation("0.45", "0.38", cost, 0, "0.12", "ACCEPT"),
  };
}

export const TERMS = [
  {
    __typename: "LadderTerm",
    id: "t1",
    clause: "4.2",
    text: "Discounts apply to all Services by Trailing Spend.",
    tiers: TIERS,
    boundary: "EXCLUSIVE",
    application: "CLIFF",
    basis: "LIST",
    windowDays: 90,
    effective: "NEXT_INVOICE",
    downgrade: "FOLLOWS",
    graceMonths: 0,
    stacking: "BETTER_OF",
    families: [],
  },
  {
    __typename: "CommitmentTerm",
    id: "t2",
    clause: "5.1",
    text: null,
    amount: "1200000.00",
    interval: "ANNUAL",
    families: [],
  },
  {
    __typename: "CreditTerm",
    id: "t3",
    clause: "5.4",
    text: null,
    amount: "50000.00",
    invoiceShare: null,
    invoiceCount: null,
    grantedOn: null,
    expiresOn: day(300),
  },
  {
    __typename: "RateTerm",
    id: "t4",
    clause: "A.1",
    text: null,
    sku: "sms-outbound-us",
    family: null,
    model: "GRADUATED",
    unitPrice: null,
    discount: null,
    tiers: [
      { upTo: "150000", unitPrice: "0.0083" },
      { upTo: "300000", unitPrice: "0.0081" },
      { upTo: null, unitPrice: "0.0079" },
    ],
    packageSize: null,
    locked: true,
  },
  {
    __typename: "ShortfallTerm",
    id: "t5",
    clause: "5.2",
    text: null,
    outcome: "PAY_100",
    percent: null,
  },
  { __typename: "PaymentTerm", id: "t6", clause: "7", text: null, netDays: 30 },
  {
    __typename: "RenewalTerm",
    id: "t7",
    clause: "9.1",
    text: null,
    start: day(20),
    termMonths: 24,
    noticeDays: 60,
    autoRenew: true,
  },
];

export function offers() {
  const make = (
    id: string,
    round: number,
    from: string,
    status: string,
    title: string,
    ev: ReturnType<typeof evaluation>,
    lint: unknown[] = [],
  ) => ({
    __typename: "Offer",
    id,
    hash: id
      .repeat(12)
      .replace(/[^0-9a-f]/g, "a")
      .padEnd(64, "e")
      .slice(0, 64),
    round,
    from,
    status,
    title,
    validUntil: day(21),
    terms: TERMS,
    evaluation: ({ scenario }: { scenario?: Scenario | null }) => under(ev, scenario),
    cost: ({ scenario }: { scenario?: Scenario | null }) => under(ev, scenario),
    lint,
    openers: [
      {
        termIds: ["t2"],
        field: "amount",
        before: "1200000",
        after: "900000",
        cash: "1121800.00",
        message: "Lower the commitment from 1,200,000 to 900,000.",
      },
    ],
    createdAt: instant(-round * 9 * DAY),
  });
  const trap = {
    code: "COMMITMENT_ABOVE_REACH",
    severity: "ERROR",
    message: "The commitment is above what the ladder’s deepest tier can burn on this forecast.",
    amount: "477000.00",
    termIds: ["t2"],
    clause: "5.1",
    trace: [
      {
        id: "amount",
        label: "What it may cost",
        formula: "477000.00",
        value: "477000.00",
        inputs: [],
      },
    ],
  };
  const flap = {
    code: "TIER_FLAP",
    severity: "WARNING",
    message: "On net spend the tier flaps between B and C month by month.",
    amount: "492800.00",
    termIds: ["t1"],
    clause: "4.2",
    trace: [
      {
        id: "amount",
        label: "What it may cost",
        formula: "492800.00",
        value: "492800.00",
        inputs: [],
      },
    ],
  };
  const word = {
    code: "BOUNDARY_UNCLEAR",
    severity: "INFO",
    message: "“Exceeds” and “reaches” are both used for the same threshold.",
    amount: "0.00",
    termIds: ["t1"],
    clause: "4.2",
    trace: [],
  };
  return [
    make(
      "offer-11",
      1,
      "VENDOR",
      "SUPERSEDED",
      "45 % flat, commitment 1.5M, net 45",
      evaluation("0.45", "0.1935", 1_500_000, 477_000, "0.93", "REJECT", 0.18),
      [trap, flap],
    ),
    make(
      "offer-12",
      1,
      "BUYER",
      "SUPERSEDED",
      "32 % flat, no commitment",
      evaluation("0.32", "0.32", 1_264_800, 0, "0", "ACCEPT", 0.08),
    ),
    make(
      "offer-21",
      2,
      "VENDOR",
      "PROPOSED",
      "Ladder on list spend, commitment 1.2M with a credit of 50,000 for the migration of the short-code programme",
      evaluation("0.45", "0.3817", 1_150_000, 28_200, "0.41", "COUNTER"),
      [flap, word],
    ),
    make(
      "offer-22",
      2,
      "BUYER",
      "PROPOSED",
      "Ladder, commitment 0.9M, carry-forward",
      evaluation("0.45", "0.3921", 1_131_000, 0, "0.08", "ACCEPT", 0.09),
    ),
  ];
}

export function counterOffers(k: number) {
  return Array.from({ length: k }, (_, i) => ({
    title: `discounts ${i - 1} points, USD ${900 - i * 100},000.00 a year committed, net ${30 * i}`,
    cost: cents(1_140_000 + i * 120),
    cash: cents(1_150_000 + i * 9_000),
    npv: cents(1_070_000 + i * 1_000),
    effectiveDiscount: String(0.38 - i * 0.01),
    shortfallProbability: String(0.04 * i),
    values: [
      { name: "committed", value: String(1 - i * 0.3) },
      { name: "early payment", value: String(i * 0.4) },
    ],
    terms: TERMS,
  }));
}

export function offerDiff() {
  return {
    cash: "-350000.00",
    npv: "-328000.00",
    shortfall: "-477000.00",
    credits: "50000.00",
    months: Array.from({ length: 12 }, (_, m) => ({
      month: `2027-${String(m + 1).padStart(2, "0")}-01`,
      before: cents(90_000),
      after: cents(90_000 + (m === 11 ? -477_000 : 11_545)),
      delta: cents(m === 11 ? -477_000 : 11_545),
    })),
    terms: [
      {
        before: TERMS[1],
        after: { ...TERMS[1], amount: "900000.00" },
        changed: ["amount"],
        cash: "-477000.00",
      },
      { before: null, after: TERMS[2], changed: [], cash: "-50000.00" },
    ],
  };
}

export function forecast() {
  return {
    start: "2027-01-01",
    end: "2028-01-01",
    months: 12,
    method: "Level: the mean of the newest days. Growth: the median of year-on-year ratios.",
    hash: "f0ca57".padEnd(64, "0"),
    families: ["sms", "voice", "verify"].map((family, i) => ({
      family,
      level: cents(3_200 - i * 900),
      growth: String(0.12 - i * 0.08),
      season: Array.from({ length: 12 }, () => "1"),
      cv: "0.14",
      noise: "0.03",
      monthsSeen: 24,
      backtestError: i === 2 ? null : "0.07",
      monthly: Array.from({ length: 12 }, (_, m) => ({
        month: `2027-${String(m + 1).padStart(2, "0")}-01`,
        units: String(4_000_000 + m * 50_000),
        listAmount: cents(96_000 + m * 900 - i * 22_000),
      })),
    })),
    backtest: [
      {
        cut: "2026-08-01",
        months: 3,
        family: null,
        planned: "291000.00",
        actual: "302500.00",
        error: "-0.038",
      },
    ],
  };
}
