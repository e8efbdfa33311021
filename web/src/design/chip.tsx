/** A word with a tone and, where it matters, an icon: never colour alone. */
import type { ReactNode } from "react";
import { cx } from "@/lib/class-names";

export type Tone = "plain" | "good" | "warn" | "bad" | "cool" | "accent";

const TONES: Record<Tone, string> = {
  plain: "bg-ink/7 text-ink",
  good: "bg-good/13 text-good",
  warn: "bg-warn/15 text-warn",
  bad: "bg-bad/13 text-bad",
  cool: "bg-cool/14 text-cool",
  accent: "bg-accent/14 text-accent",
};

export const TONE_TEXT: Record<Tone | "muted", string> = {
  plain: "text-ink",
  muted: "text-muted",
  good: "text-good",
  warn: "text-warn",
  bad: "text-bad",
  cool: "text-cool",
  accent: "text-accent",
};

export function Chip({
  tone = "plain",
  icon,
  children,
  className,
  title,
}: {
  tone?: Tone;
  icon?: ReactNode;
  children: ReactNode;
  className?: string;
  title?: string;
}) {
  return (
    <span
      title={title}
      className={cx(
        "inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        TONES[tone],
        className,
      )}
    >
      {icon}
      {children}
    </span>
  );
}
