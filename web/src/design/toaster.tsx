import { useEffect } from "react";
import { createRoot } from "react-dom/client";
import { type ExternalToast, Toaster, toast } from "sonner";
import { preferences } from "@/lib/preferences";
import { useStore } from "@/lib/store";

let mounted: () => void;
// A toast that comes before its host listens would be lost.
const ready = new Promise<void>((resolve) => {
  mounted = resolve;
});

function Host() {
  const { theme } = useStore(preferences);
  useEffect(() => mounted(), []);
  return (
    <Toaster
      theme={theme === "auto" ? "system" : theme}
      position="bottom-right"
      mobileOffset={{ bottom: "5.5rem" }}
      closeButton
      style={{ fontFamily: "inherit" }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "panel [--panel-alpha:97%] flex w-[min(24rem,calc(100vw-2rem))] items-start gap-3 p-4 text-sm text-ink",
          content: "grow",
          title: "font-medium",
          description: "mt-0.5 text-muted",
          actionButton:
            "shrink-0 self-center whitespace-nowrap rounded-full bg-accent px-3 py-1.5 text-[0.8125rem] font-medium text-on-accent",
          closeButton:
            "absolute -top-2 -left-2 grid size-6 place-items-center rounded-full bg-raised text-muted ring-1 ring-line",
          error: "[&_[data-icon]]:text-bad",
          success: "[&_[data-icon]]:text-good",
          info: "[&_[data-icon]]:text-accent",
        },
      }}
    />
  );
}

const host = document.createElement("div");
document.body.append(host);
createRoot(host).render(<Host />);

export async function show(
  kind: "success" | "error" | "info",
  title: string,
  options: ExternalToast,
): Promise<void> {
  await ready;
  toast[kind](title, { duration: kind === "error" ? 10_000 : 5_000, ...options });
}
