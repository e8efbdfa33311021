/** Short messages, with a way to act on them. The library comes when the first one does. */
type Action = { label: string; onClick: () => void };

interface Message {
  title: string;
  detail?: string;
  action?: Action;
  /** The same id replaces the message that is shown. */
  id?: string;
}

let toaster: Promise<typeof import("./toaster")> | undefined;

function load(): Promise<typeof import("./toaster")> {
  toaster ??= import("./toaster").catch((error: unknown) => {
    toaster = undefined; // Could not be loaded now: the screens show their own errors.
    throw error;
  });
  return toaster;
}

function show(kind: "success" | "error" | "info", { title, detail, action, id }: Message): void {
  void load()
    .then((module) => module.show(kind, title, { description: detail || undefined, action, id }))
    .catch(() => {});
}

export const toast = {
  /** Have the library before the gateway, which serves it, is away. */
  warm: () => void load().catch(() => {}),
  done: (message: Message) => show("success", message),
  failed: (message: Message) => show("error", message),
  note: (message: Message) => show("info", message),
};
