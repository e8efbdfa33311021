/** How the reader likes it: theme and glass. Kept in this browser; lost storage only means defaults. */
import { createStore } from "./store";

export type Theme = "auto" | "light" | "dark";
export type Glass = "lens" | "blur" | "solid";

export interface Preferences {
  theme: Theme;
  glass: Glass;
}

const KEY = "negotiation.preferences";
const DEFAULTS: Preferences = { theme: "auto", glass: "lens" };

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

export const preferences = createStore<Preferences>(DEFAULTS);

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  preferences.set((previous) => ({ ...previous, [key]: value }));
}

/** Puts the preferences on <html> now and on every change. Call once, before the first render. */
export function applyPreferences(root: HTMLElement = document.documentElement): void {
  preferences.set(read());
  const apply = () => {
    const { theme, glass } = preferences.get();
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    root.dataset.glass = glass;
    try {
      localStorage.setItem(KEY, JSON.stringify({ theme, glass }));
    } catch {
      // Private mode: the choice lives as long as the page.
    }
  };
  apply();
  preferences.subscribe(apply);
}
