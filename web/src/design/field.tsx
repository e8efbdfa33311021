/** A labelled control with its hint and its error, wired for assistive technology. */
import {
  type ComponentProps,
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  useId,
} from "react";
import { cx } from "@/lib/class-names";

interface Shell {
  label: string;
  hint?: ReactNode;
  error?: string;
}

const CONTROL =
  "w-full rounded-xl bg-raised px-3 text-[0.9375rem] text-ink ring-1 ring-edge/60 ring-inset placeholder:text-muted/80 hover:ring-edge focus-visible:outline-2 aria-invalid:ring-bad aria-invalid:ring-2";

function useShell({ label, hint, error }: Shell) {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""]
    .filter(Boolean)
    .join(" ");
  return {
    control: {
      id,
      "aria-invalid": error ? true : undefined,
      "aria-describedby": described || undefined,
    },
    frame: (children: ReactNode) => (
      <div className="grid min-w-0 gap-1">
        <label htmlFor={id} className="text-[0.8125rem] font-medium">
          {label}
        </label>
        {children}
        {hint && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}
          </p>
        )}
        {error && (
          <p id={`${id}-error`} role="alert" className="text-[0.8125rem] font-medium text-bad">
            {error}
          </p>
        )}
      </div>
    ),
  };
}

export function TextField({
  label,
  hint,
  error,
  suffix,
  className,
  ...rest
}: Shell & InputHTMLAttributes<HTMLInputElement> & { suffix?: string }) {
  const { control, frame } = useShell({ label, hint, error });
  return frame(
    <span className="relative block">
      <input {...control} className={cx(CONTROL, "h-10", suffix && "pr-8", className)} {...rest} />
      {suffix && (
        <span
          aria-hidden
          className="pointer-events-none absolute inset-y-0 right-3 grid place-items-center text-sm text-muted"
        >
          {suffix}
        </span>
      )}
    </span>,
  );
}

export function TextArea({
  label,
  hint,
  error,
  className,
  ...rest
}: Shell & ComponentProps<"textarea">) {
  const { control, frame } = useShell({ label, hint, error });
  return frame(
    <textarea {...control} className={cx(CONTROL, "min-h-24 py-2", className)} {...rest} />,
  );
}

export function SelectField({
  label,
  hint,
  error,
  className,
  children,
  ...rest
}: Shell & SelectHTMLAttributes<HTMLSelectElement>) {
  const { control, frame } = useShell({ label, hint, error });
  return frame(
    <select {...control} className={cx(CONTROL, "h-10", className)} {...rest}>
      {children}
    </select>,
  );
}

/** What is wrong with the whole of a form, where no field can say it. */
export function Fault({ children }: { children: ReactNode }) {
  if (!children) return null;
  return (
    <p role="alert" className="text-sm font-medium text-bad">
      {children}
    </p>
  );
}
