/** One of the two words in the bar that say how far to trust the page: icon, word, colour. */
import type { ReactNode } from "react";
import { cx } from "@/lib/class-names";
import { TONE_TEXT, type Tone } from "./chip";

export function StatusPill({
  testId,
  state,
  word,
  detail,
  tone,
  icon,
  explanation,
}: {
  testId: string;
  state: string;
  word: string;
  detail?: string;
  tone: Tone;
  icon: ReactNode;
  explanation: string;
}) {
  return (
    <span
      role="status"
      data-testid={testId}
      data-state={state}
      title={explanation}
      className="inline-flex h-7 items-center gap-1.5 rounded-full bg-ink/6 px-2.5 text-[0.8125rem] whitespace-nowrap"
    >
      <span aria-hidden className={cx("grid place-items-center", TONE_TEXT[tone])}>
        {icon}
      </span>
      <span className="font-medium">{word}</span>
      {detail && <span className="text-muted tabular max-[26rem]:hidden">{detail}</span>}
      <span className="sr-only">. {explanation}</span>
    </span>
  );
}
