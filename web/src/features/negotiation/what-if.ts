/** Margins to try, in the address: a link shows the same what-if to a colleague. */
import { useQuery } from "@apollo/client/react";
import { useDeferredValue } from "react";
import { useSearchParams } from "wouter";
import { explain, type Problem } from "@/apollo/problem";
import { type EnvelopeForBandFragment, WhatIfDocument } from "@/gql/graphql";
import { compare, isDecimal } from "@/lib/decimal";

export const LEVELS = ["floor", "target", "ceiling"] as const;
export type Level = (typeof LEVELS)[number];
/** Percentages as typed: "45". */
export type Margins = Partial<Record<Level, string>>;

export function isPercentage(text: string): boolean {
  return isDecimal(text) && compare(text, "0") >= 0 && compare(text, "100") < 0;
}

export function useWhatIf(): {
  margins: Margins;
  active: boolean;
  set: (level: Level, value: string) => void;
  reset: () => void;
  envelope: EnvelopeForBandFragment | undefined;
  busy: boolean;
  problem: Problem | null;
} {
  const [search, setSearch] = useSearchParams();
  const margins: Margins = {};
  for (const level of LEVELS) {
    const value = search.get(level);
    if (value !== null) margins[level] = value;
  }
  const asked = useDeferredValue(JSON.stringify(margins));
  const valid: Margins = Object.fromEntries(
    Object.entries(JSON.parse(asked) as Margins).filter(([, value]) => isPercentage(value)),
  );
  const active = Object.keys(valid).length > 0;
  const percent = (level: Level) => (valid[level] === undefined ? null : `${valid[level]}%`);
  const { data, previousData, loading, error } = useQuery(WhatIfDocument, {
    variables: {
      floorMargin: percent("floor"),
      targetMargin: percent("target"),
      ceilingMargin: percent("ceiling"),
    },
    skip: !active,
    fetchPolicy: "cache-and-network",
    context: { retry: false },
  });
  return {
    margins,
    active,
    set: (level, value) =>
      setSearch(
        (previous) => {
          const next = new URLSearchParams(previous);
          if (value === "") next.delete(level);
          else next.set(level, value);
          return next;
        },
        { replace: true },
      ),
    reset: () =>
      setSearch(
        (previous) => {
          const next = new URLSearchParams(previous);
          for (const level of LEVELS) next.delete(level);
          return next;
        },
        { replace: true },
      ),
    envelope: active ? (data ?? previousData)?.negotiation?.envelope : undefined,
    busy: loading,
    problem: error ? explain(error) : null,
  };
}
