/** Imports from Twilio, how its categories count, and its prices, for the mock gateway. */
import { day, instant } from "./made-data.ts";

type Row = Record<string, unknown>;

export function run(known: Row = {}): Row {
  return {
    __typename: "ImportRun",
    id: "run-1",
    state: "DONE",
    requestedBy: "Local operator",
    startedAt: instant(-120_000),
    updatedAt: instant(-60_000),
    finishedAt: instant(-60_000),
    firstDay: day(-30),
    lastDay: day(-1),
    nextDay: day(0),
    daysDone: 30,
    daysTotal: 30,
    progress: "1",
    rowsRead: 1204,
    rowsWritten: 80,
    rowsRestated: 3,
    rowsUnchanged: 1124,
    pricing: true,
    pricesRead: 6,
    pricesTotal: 6,
    dryRun: false,
    attempts: 1,
    nextAttemptAt: null,
    error: null,
    warnings: [],
    ...known,
  };
}

export function mapping(category: string, known: Row = {}): Row {
  return {
    __typename: "UsageMapping",
    category,
    rule: "COUNT",
    sku: category,
    family: "sms",
    unit: "segment",
    parent: "sms",
    isTotal: false,
    note: null,
    decidedBy: null,
    decidedAt: null,
    firstUsedOn: day(-300),
    lastUsedOn: day(-1),
    quantity: "120000",
    billed: "948.00",
    ...known,
  };
}

export const mappings = (): Row[] => [
  mapping("fax", { rule: "UNMAPPED", parent: null, family: "", quantity: "12", billed: "3.60" }),
  mapping("sms", { isTotal: true, parent: null }),
  mapping("sms-inbound"),
  mapping("sms-outbound"),
];

export function rate(sku: string, known: Row = {}): Row {
  return {
    __typename: "ListRate",
    sku,
    name: sku,
    service: "MESSAGING",
    country: "US",
    direction: "OUTBOUND",
    numberType: "local",
    carrier: null,
    prefix: null,
    ours: "0.0079",
    theirs: "0.0079",
    low: "0.0079",
    high: "0.0079",
    currency: "USD",
    status: "UNCHANGED",
    message: "The same.",
    readAt: instant(-60_000),
    ...known,
  };
}

export const listRates = (): Row[] => [
  rate("sms-inbound-us", { status: "CHANGED", theirs: "0.0083", message: "Published 0.0083." }),
  rate("sms-outbound-us"),
  rate("verify", { status: "UNKNOWN", theirs: null, message: "Not read yet.", readAt: null }),
];
