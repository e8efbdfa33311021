/** The words of the contract as a reader says them, with the tone that goes with each. */
import type { Tone } from "@/design/chip";
import type {
  AttemptOutcome,
  InvoiceStatus,
  LadderBasis,
  MilestoneStatus,
  NegotiationStatus,
  NotificationStatus,
  OfferStatus,
  Severity,
  Verdict,
} from "@/gql/graphql";

/** An enum value that this build does not know is shown as it is, not as nothing. */
export function word(value: string): string {
  return value.toLowerCase().replaceAll("_", " ");
}

export const NEGOTIATION_STATUS: Record<NegotiationStatus, string> = {
  PREPARING: "preparing",
  OPEN: "open",
  AGREED: "agreed",
  SIGNED: "signed",
  LIVE: "in force",
  CLOSED: "closed",
  WALKED_AWAY: "walked away",
};

export const OFFER_STATUS: Partial<Record<OfferStatus, Tone>> = {
  PROPOSED: "accent",
  ACCEPTED: "good",
  REJECTED: "bad",
};

export const VERDICT: Record<Verdict, { word: string; tone: Tone }> = {
  ACCEPT: { word: "accept", tone: "good" },
  COUNTER: { word: "counter", tone: "warn" },
  REJECT: { word: "reject", tone: "bad" },
};

export const INVOICE_STATUS: Partial<Record<InvoiceStatus, Tone>> = {
  OPEN: "accent",
  PAID: "good",
  DISPUTED: "warn",
  CREDITED: "cool",
};

export const NOTIFICATION_STATUS: Partial<Record<NotificationStatus, Tone>> = {
  QUEUED: "accent",
  SENDING: "accent",
  SENT: "good",
  DELIVERED: "good",
  FAILED: "bad",
  UNCONFIRMED: "warn",
};

export const ATTEMPT: Record<AttemptOutcome, { says: string; tone: Tone }> = {
  ACCEPTED: { says: "taken by the provider", tone: "good" },
  POSTPONED: { says: "not now: tried again later", tone: "warn" },
  REFUSED: { says: "refused for good", tone: "bad" },
  UNCONFIRMED: { says: "may have been taken", tone: "warn" },
  NOT_TAKEN: { says: "was not taken", tone: "plain" },
  DELIVERED: { says: "delivered", tone: "good" },
  UNDELIVERED: { says: "not delivered", tone: "bad" },
};

export const MILESTONE_STATUS: Record<MilestoneStatus, Tone> = {
  PENDING: "plain",
  APPROVED: "good",
  REJECTED: "bad",
};

export const SEVERITY: Record<Severity, Tone> = { INFO: "cool", WARNING: "warn", ERROR: "bad" };

export const BASIS: Record<LadderBasis, string> = {
  LIST: "at list prices",
  NET: "after discount",
  BILLED: "as billed",
};
