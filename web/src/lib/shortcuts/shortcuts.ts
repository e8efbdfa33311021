/**
 * Every keyboard shortcut: one table that listens, fills the help sheet and the palette.
 * A key alone, or a sequence ("g n"); "mod" is Ctrl, or Command on a Mac.
 */
export interface Shortcut {
  keys: string;
  label: string;
  group: "Go to" | "Do" | "Look";
  run: () => void;
}

const SEQUENCE_WITHIN = 2_000;

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

export function listen(table: () => readonly Shortcut[], target: EventTarget = window): () => void {
  let pending = "";
  let since = 0;
  const onKey = (raw: Event) => {
    const event = raw as KeyboardEvent;
    if (event.defaultPrevented || event.altKey || event.isComposing) return;
    const modified = event.ctrlKey || event.metaKey;
    if (typing(event.target) && !modified) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const pressed = modified ? `mod+${key}` : key;
    const sequence =
      pending && event.timeStamp - since < SEQUENCE_WITHIN ? `${pending} ${pressed}` : pressed;
    pending = "";
    const known = (wanted: string) => table().find(({ keys }) => keys === wanted);
    const found = known(sequence) ?? known(pressed);
    if (found) {
      event.preventDefault();
      found.run();
    } else if (!modified && table().some(({ keys }) => keys.startsWith(`${pressed} `))) {
      pending = pressed;
      since = event.timeStamp;
    }
  };
  target.addEventListener("keydown", onKey);
  return () => target.removeEventListener("keydown", onKey);
}

export function keyCaps(keys: string): string[] {
  const mac = /mac/i.test(globalThis.navigator?.platform ?? "");
  return keys
    .split(/[ +]/)
    .map((key) =>
      key === "mod" ? (mac ? "⌘" : "Ctrl") : key.length === 1 ? key.toUpperCase() : key,
    );
}
