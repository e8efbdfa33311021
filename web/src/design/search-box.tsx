import { Search } from "lucide-react";

/** The search of a screen; the / key goes there. */
export function SearchBox({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  return (
    <span className="relative">
      <Search
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-muted"
      />
      <input
        type="search"
        data-search
        aria-label={label}
        placeholder="Search"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="h-8 w-40 rounded-full bg-raised pr-3 pl-8 text-sm ring-1 ring-edge/40 ring-inset placeholder:text-muted"
      />
    </span>
  );
}
