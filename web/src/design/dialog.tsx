/** A modal sheet of glass: centred on a desk, from below on a phone. */
import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cx } from "@/lib/class-names";

/** To the first thing one would type into; else to the sheet itself, not to its close button. */
function focusFirstControl(event: Event): void {
  event.preventDefault();
  const sheet = event.currentTarget as HTMLElement;
  const control = sheet.querySelector<HTMLElement>("input:not([type=radio]), textarea, select");
  (control ?? sheet).focus();
}

export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  wide,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: string;
  children: ReactNode;
  wide?: boolean;
}) {
  // Without a trigger of its own the library would drop the focus on closing.
  const [opener] = useState(() => document.activeElement);
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Primitive.Portal>
        <Primitive.Overlay className="scrim fixed inset-0 z-50 appear" />
        <Primitive.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={focusFirstControl}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener instanceof HTMLElement) opener.focus();
          }}
          tabIndex={-1}
          className={cx(
            "glass arrive fixed z-50 outline-none flex max-h-[min(90dvh,56rem)] flex-col overflow-hidden [--glass-alpha:90%]",
            "inset-x-0 bottom-0 rounded-t-3xl sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-[calc(100vw-3rem)] sm:-translate-1/2 sm:rounded-3xl",
            wide ? "sm:max-w-3xl" : "sm:max-w-lg",
          )}
        >
          <header className="flex items-start gap-4 px-5 pt-5 pb-2">
            <div className="min-w-0 grow">
              <Primitive.Title className="text-lg font-semibold tracking-[-0.01em]">
                {title}
              </Primitive.Title>
              {description && (
                <Primitive.Description className="mt-1 text-sm text-muted">
                  {description}
                </Primitive.Description>
              )}
            </div>
            <Primitive.Close
              aria-label="Close"
              className="-mt-1 -mr-1.5 grid size-9 shrink-0 place-items-center rounded-full text-muted hover:bg-ink/8 hover:text-ink"
            >
              <X className="size-4.5" />
            </Primitive.Close>
          </header>
          <div className="min-h-0 overflow-y-auto px-5 pt-2 pb-5">{children}</div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>;
}
