/** What only the buyer may know, and what is to come. */
import { day } from "./made-data.ts";

export const POSITION = {
  batnaCost: null as string | null,
  batnaNote: null,
  downstreamRevenue: null,
  otherCosts: null,
  ownMargin: null,
  vendorCostLow: "0.85",
  vendorCostHigh: "1.15",
  vendorMargin: null,
  plannedRounds: 4,
  opening: "0.05",
  patience: "1",
  shortfallLimit: "0.25",
};

const step = (id: string, label: string, value: string) => ({
  id,
  label,
  formula: value,
  value,
  inputs: [],
});

export function secrets(position: Record<string, unknown>, offer: unknown) {
  const batna = String(position.batnaCost ?? "1746201.32");
  return {
    position,
    batna,
    reservation: batna,
    limits: {
      start: "2027-01-01",
      months: 12,
      round: 2,
      batna,
      reservation: batna,
      best: "1652849.55",
      target: "1687078.53",
      trace: [step("batna", "Without a deal", batna)],
    },
    targetCurve: [1, 2, 3, 4].map((round) => ({
      round,
      target: String(1_650_000 + round * 24_050),
      conceded: String(round / 4),
    })),
    zopa: {
      exists: true,
      ourMost: batna,
      vendorLeastLow: "1316676.10",
      vendorLeastMid: "1549030.70",
      vendorLeastHigh: "1781385.31",
      low: "429525.22",
      mid: "197170.62",
      high: "-35183.99",
      notices: [
        { code: "VENDOR_COST_ASSUMED", message: "The vendor's cost is our estimate.", field: null },
      ],
      openers: [],
    },
    bargainingPoints: { nash: offer, kalai: offer, kalaiSmorodinsky: offer, welfare: null },
    buyerEnvelope: null,
  };
}

export function commitmentPace() {
  return [
    {
      commitmentId: "t2",
      first: day(-70),
      end: day(295),
      committed: "540000.00",
      burned: "125466.01",
      low: "496387.95",
      expected: "574204.68",
      high: "656589.46",
      projectedShortfall: "0",
      ahead: true,
      met: { earliest: day(198), likely: day(225), latest: null },
      missingDays: [day(-12)],
    },
  ];
}

export function tierProjection() {
  return {
    up: { name: "B", threshold: "250000", discount: "0.37" },
    reachesUp: { earliest: day(19), likely: day(140), latest: null },
    down: null,
    fallsBelow: { earliest: null, likely: null, latest: null },
  };
}
