/** The chosen words of a list's filter, kept in the address: a filtered list can be sent to someone. */
import { useSearchParams } from "wouter";

export function useToggles<T extends string>(
  name: string,
  known: readonly T[],
): { chosen: readonly T[]; toggle: (value: T) => void } {
  const [search, setSearch] = useSearchParams();
  const chosen = known.filter((value) => search.getAll(name).includes(value));
  return {
    chosen,
    toggle: (value) =>
      setSearch(
        (previous) => {
          const next = new URLSearchParams(previous);
          const had = next.getAll(name);
          next.delete(name);
          const kept = had.filter((other) => other !== value);
          for (const one of had.includes(value) ? kept : [...kept, value]) next.append(name, one);
          return next;
        },
        { replace: true },
      ),
  };
}
