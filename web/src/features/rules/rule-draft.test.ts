import { describe, expect, it } from "vitest";
import type { RuleForListFragment, RuleKindForEditorFragment } from "@/gql/graphql";
import { byField, draftOf, emptyDraft, quietWords, read } from "./rule-draft";

const TIER: RuleKindForEditorFragment = {
  __typename: "RuleKindInfo",
  kind: "TIER_CHANGE",
  label: "Discount tier changes",
  about: "",
  text: "{{change}}",
  names: [],
  parameters: [
    { __typename: "RuleParameter", name: "days", about: "", needed: false },
    { __typename: "RuleParameter", name: "threshold", about: "", needed: false },
  ],
};

const RULE: RuleForListFragment = {
  __typename: "Rule",
  id: "rule-1",
  name: "Tier",
  kind: "TIER_CHANGE",
  enabled: true,
  negotiationId: null,
  days: 0,
  threshold: "0.025",
  tier: null,
  recipients: ["+14155550123", "+14155550124"],
  channel: "SMS",
  template: null,
  text: "{{change}}",
  quietHours: {
    __typename: "QuietHours",
    start: "22:00",
    end: "07:00",
    zone: "Europe/Berlin",
    days: ["SAT", "SUN"],
  },
  passesQuietHours: false,
  dailyCap: 0,
  cooldownHours: 12,
  repeats: true,
  priority: "HIGH",
  version: 3,
  updatedAt: "2026-11-24T12:00:00Z",
  updatedBy: "Ana",
  lastFiredAt: null,
};

describe("a rule that is edited", () => {
  it("comes back as it was where nothing was typed: zero is a value", () => {
    const { input, faults } = read(draftOf(RULE, "UTC"), TIER, { id: "rule-1", version: 3 });
    expect(faults).toEqual({});
    expect(input).toMatchObject({
      id: "rule-1",
      version: 3,
      days: 0,
      threshold: "0.025",
      template: null,
      dailyCap: 0,
      recipients: ["+14155550123", "+14155550124"],
      quietHours: { start: "22:00", end: "07:00", zone: "Europe/Berlin", days: ["SAT", "SUN"] },
    });
  });

  it("sends only the parameters that its kind takes", () => {
    const draft = { ...emptyDraft("TIER_CHANGE", "UTC"), days: "7", tier: "B" };
    expect(read(draft, TIER).input).toMatchObject({ days: 7, tier: null });
    expect(read(draft, undefined).input).toMatchObject({ days: null, tier: null });
  });

  it("says what is no number before it is sent", () => {
    const draft = { ...emptyDraft("TIER_CHANGE", "UTC"), days: "soon", threshold: "a lot" };
    expect(read(draft, TIER).faults).toEqual({
      days: "A whole number, such as 7",
      threshold: "A percentage, such as 5 or 2.5",
    });
  });

  it("has each of the gateway's words at its field", () => {
    expect(
      byField([
        { field: "input.recipients.1", message: "no number" },
        { field: "input.quietHours.zone", message: "no zone" },
        { field: "input.quietHours.days", message: "no day" },
        { field: null, message: "in general" },
        { field: "input.name", message: "first" },
        { field: "input.name", message: "second" },
      ]),
    ).toEqual({
      recipients: "no number",
      zone: "no zone",
      quietDays: "no day",
      "": "in general",
      name: "first",
    });
  });

  it("has its quiet hours in words", () => {
    expect(quietWords(RULE.quietHours)).toBe("not from 22:00 to 07:00 Sat, Sun (Europe/Berlin)");
    expect(quietWords(null)).toBe("at any hour");
  });
});
