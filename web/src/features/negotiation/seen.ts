/** The figures as the reader last saw them, in this browser; gone with the sign-out. */
const KEY = "negotiation.seen";

export interface Seen {
  id: string;
  at: number;
  revenue: string;
  expense: string;
  trailing: string;
  margin: string | null;
  target: string;
  tier: string | null;
}

let forgotten = false;

export function read(): Seen | null {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null");
  } catch {
    return null;
  }
}

export function write(seen: Seen): void {
  if (forgotten) return;
  try {
    localStorage.setItem(KEY, JSON.stringify(seen));
  } catch {
    // Nowhere to remember: nothing to compare with next time.
  }
}

/** Forget them, and remember nothing more on this page: the next reader is somebody else. */
export function forget(): void {
  forgotten = true;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}
