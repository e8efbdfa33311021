/** An offer that is being written: kept in this tab until it is sent or thrown away. */
import { keepDraft as keep, keptDraft as kept } from "@/apollo/drafts";
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

const NAME = "offer";

export function keptDraft(from: string): OfferDraft | null {
  const draft = kept<OfferDraft>(NAME);
  return draft?.from === from ? draft : null;
}

export function keepDraft(draft: OfferDraft | null): void {
  keep(NAME, draft);
}
