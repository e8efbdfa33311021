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

function show(kind: "success" | "error" | "info", { title, detail, action, id }: Message): void {
  toaster ??= import("./toaster");
  void toaster
    .then((module) => module.show(kind, title, { description: detail || undefined, action, id }))
    .catch(() => {
      toaster = undefined; // Could not be loaded: the screens show their own errors.
    });
}

export const toast = {
  done: (message: Message) => show("success", message),
  failed: (message: Message) => show("error", message),
  note: (message: Message) => show("info", message),
};
