import type { ButtonHTMLAttributes } from "react";
import { cx } from "@/lib/class-names";

type Look = "primary" | "quiet" | "bare" | "danger";

const LOOKS: Record<Look, string> = {
  primary:
    "bg-accent text-on-accent font-medium shadow-sm hover:brightness-110 active:brightness-95",
  quiet: "bg-ink/7 text-ink hover:bg-ink/12 active:bg-ink/16",
  bare: "text-muted hover:text-ink hover:bg-ink/7",
  danger: "bg-bad/14 text-bad font-medium hover:bg-bad/22",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  small?: boolean;
  busy?: boolean;
}

export const buttonClass = (look: Look = "quiet", small = false): string =>
  cx(
    "inline-flex items-center justify-center gap-1.5 whitespace-nowrap rounded-full transition-[background,filter,color] duration-150 disabled:opacity-45 select-none",
    small ? "min-h-7 px-2.5 text-[0.8125rem]" : "min-h-9 px-3.5 text-sm",
    LOOKS[look],
  );

export function Button({ look, small, busy, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={cx(buttonClass(look, small), className)}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy && (
        <span
          aria-hidden
          className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent"
        />
      )}
      {children}
    </button>
  );
}

export function IconButton({
  label,
  className,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        "inline-grid size-9 shrink-0 place-items-center rounded-full text-muted transition-colors hover:bg-ink/8 hover:text-ink disabled:opacity-45",
        className,
      )}
      {...rest}
    />
  );
}
