/** What is being written: kept in this tab for the one who writes it until it is sent or thrown away; gone with the sign-out. */
import { session, userKey } from "./session";

const PREFIX = "negotiation.draft.";

const writer = () => userKey(session.get().token);

export function keptDraft<Draft>(name: string): Draft | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + name) ?? "null") as {
      writer: string;
      draft: Draft;
    } | null;
    return kept?.writer === writer() ? kept.draft : null;
  } catch {
    return null;
  }
}

/** Null: it is not needed any more. */
export function keepDraft(name: string, draft: object | null): void {
  try {
    if (draft) sessionStorage.setItem(PREFIX + name, JSON.stringify({ writer: writer(), draft }));
    else sessionStorage.removeItem(PREFIX + name);
  } catch {
    // Without storage the draft lives as long as the page.
  }
}

export function forgetDrafts(): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
