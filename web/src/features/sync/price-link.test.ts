import { describe, expect, it } from "vitest";
import { linkInput, NEW_LINK, narrowings } from "./price-link";

describe("where a SKU's price stands", () => {
  it("is narrowed down only by what Twilio's list tells apart", () => {
    expect(narrowings({ service: "MESSAGING", direction: "OUTBOUND" })).toEqual([
      "numberType",
      "carrier",
    ]);
    expect(narrowings({ service: "MESSAGING", direction: "INBOUND" })).toEqual(["numberType"]);
    expect(narrowings({ service: "VOICE", direction: "INBOUND" })).toEqual(["numberType"]);
    expect(narrowings({ service: "VOICE", direction: "OUTBOUND" })).toEqual(["prefix"]);
  });

  it("is asked for without what was typed before the choice was another", () => {
    const typed = {
      ...NEW_LINK,
      sku: " calls-gb ",
      country: " gb ",
      numberType: "local",
      carrier: "EE",
      prefix: "44 ",
    };
    expect(linkInput({ ...typed, service: "VOICE" })).toEqual({
      sku: "calls-gb",
      service: "VOICE",
      country: "GB",
      direction: "OUTBOUND",
      numberType: null,
      carrier: null,
      prefix: "44",
    });
  });

  it("may be any price where nothing narrows it down", () => {
    expect(linkInput({ ...NEW_LINK, sku: "sms", country: "US", carrier: "  " })).toMatchObject({
      numberType: null,
      carrier: null,
    });
  });
});
