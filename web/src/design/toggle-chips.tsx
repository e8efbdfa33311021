/** Words to switch on and off, several at a time: the filter of a list. */
import { cx } from "@/lib/class-names";

export function ToggleChips<T extends string>({
  label,
  options,
  chosen,
  onToggle,
}: {
  label: string;
  options: readonly { value: T; label: string }[];
  chosen: readonly T[];
  onToggle: (value: T) => void;
}) {
  return (
    <fieldset className="flex flex-wrap items-center gap-1.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={chosen.includes(option.value)}
          onClick={() => onToggle(option.value)}
          className={cx(
            "rounded-full px-2.5 py-1 text-[0.8125rem]",
            chosen.includes(option.value)
              ? "bg-accent font-medium text-on-accent"
              : "bg-ink/6 text-muted hover:text-ink",
          )}
        >
          {option.label}
        </button>
      ))}
    </fieldset>
  );
}
