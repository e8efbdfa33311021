/** Where a SKU's price stands in what Twilio publishes: what narrows it down, and what is asked of the gateway. */
import type {
  PriceDirection,
  PriceService,
  RateForTableFragment as Rate,
  SetPriceLinkInput,
} from "@/gql/graphql";
import { word } from "../words";

export interface PriceLink {
  sku: string;
  service: PriceService;
  country: string;
  direction: PriceDirection;
  numberType: string;
  carrier: string;
  prefix: string;
}

export type Narrowing = "numberType" | "carrier" | "prefix";

export const NEW_LINK: PriceLink = {
  sku: "",
  service: "MESSAGING",
  country: "",
  direction: "OUTBOUND",
  numberType: "",
  carrier: "",
  prefix: "",
};

/** As Twilio's lists name them. */
export const NUMBER_TYPES = ["local", "mobile", "national", "toll-free", "shortcode"] as const;

/** What Twilio's list of such prices tells apart: nothing else could fit a price. */
export function narrowings({
  service,
  direction,
}: Pick<PriceLink, "service" | "direction">): readonly Narrowing[] {
  if (direction === "INBOUND") return ["numberType"];
  return service === "VOICE" ? ["prefix"] : ["numberType", "carrier"];
}

export function linkOf(rate: Rate): PriceLink {
  const { sku, service, country, direction, numberType, carrier, prefix } = rate;
  return {
    sku,
    service,
    country,
    direction,
    numberType: numberType ?? "",
    carrier: carrier ?? "",
    prefix: prefix ?? "",
  };
}

/** What does not tell such prices apart is left out, whatever was typed before. */
export function linkInput(link: PriceLink): SetPriceLinkInput {
  const open = narrowings(link);
  const given = (name: Narrowing) => (open.includes(name) && link[name].trim()) || null;
  return {
    sku: link.sku.trim(),
    service: link.service,
    country: link.country.trim().toUpperCase(),
    direction: link.direction,
    numberType: given("numberType"),
    carrier: given("carrier"),
    prefix: given("prefix"),
  };
}

/** "messaging · US · outbound · toll-free" */
export function linkInWords(rate: Rate): string {
  return [
    word(rate.service),
    rate.country,
    word(rate.direction),
    rate.numberType,
    rate.carrier,
    rate.prefix && `+${rate.prefix}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
