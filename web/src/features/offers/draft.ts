/** An offer that is being written: kept in this tab until it is sent or thrown away. */
import type { Party } from "@/gql/graphql";
import type { DraftTerm } from "./term-fields";

export interface OfferDraft {
  /** What it was begun from: an offer's id, "new" or "counter". */
  from: string;
  title: string;
  party: Party;
  validUntil: string;
  terms: DraftTerm[];
}

const KEY = "negotiation.draft";

export function keptDraft(from: string): OfferDraft | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as OfferDraft | null;
    return kept?.from === from ? kept : null;
  } catch {
    return null;
  }
}

export function keepDraft(draft: OfferDraft | null): void {
  try {
    if (draft) sessionStorage.setItem(KEY, JSON.stringify(draft));
    else sessionStorage.removeItem(KEY);
  } catch {
    // Without storage the draft lives as long as the page.
  }
}
