/**
 * The bearer token, if any: for this tab only (sessionStorage), never in localStorage.
 * On loopback there is none, and the gateway answers as the local operator.
 */
import { createStore } from "@/lib/store";

const KEY = "negotiation.token";

export interface Session {
  token: string | null;
  /** The gateway refused us: ask for a token. `reason` is its own word. */
  refused: string | null;
}

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const session = createStore<Session>({ token: stored(), refused: null });

export function signIn(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Without storage the token lives as long as the page.
  }
  session.set({ token, refused: null });
}

export function signOut(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
  session.set({ token: null, refused: null });
}

export function refuse(reason: string): void {
  session.set((previous) => (previous.refused ? previous : { ...previous, refused: reason }));
}

/** Whose cache this is: the subject of the token. Not a check of it; that is the gateway's. */
export function userKey(token: string | null): string {
  if (!token) return "local";
  try {
    const payload = token.split(".")[1] ?? "";
    const json = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
    return String(JSON.parse(json).sub ?? "token");
  } catch {
    return "token";
  }
}
