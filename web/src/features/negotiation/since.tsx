/** What is other than when the reader last looked away. */
import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { IconButton } from "@/design/button";
import type { NegotiationForScreenFragment } from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatTime } from "@/lib/dates";
import { compare, subtract } from "@/lib/decimal";
import { formatDelta, formatRatio } from "@/lib/money";
import { read, type Seen, write } from "./seen";

const AWAY = 60_000;

export function seenNow(n: NegotiationForScreenFragment, at: number): Seen {
  return {
    id: n.id,
    at,
    revenue: n.envelope.revenue,
    expense: n.envelope.expense,
    trailing: n.trailing90.amount,
    margin: n.envelope.currentMargin ?? null,
    target: n.targets.targetMargin,
    tier: n.trailing90.tier?.name ?? null,
  };
}

/** The differences in words; empty when all is as it was. */
export function differences(before: Seen, after: Seen, currency: string): string[] {
  const money = (name: string, a: string, b: string) =>
    compare(a, b) === 0 ? [] : [`${name} ${formatDelta(subtract(b, a), currency)}`];
  const ratio = (name: string, a: string | null, b: string | null) =>
    a === b || (a !== null && b !== null && compare(a, b) === 0)
      ? []
      : [`${name} ${formatRatio(a)} → ${formatRatio(b)}`];
  return [
    ...money("revenue", before.revenue, after.revenue),
    ...money("expense", before.expense, after.expense),
    ...ratio("margin", before.margin, after.margin),
    ...money("trailing spend", before.trailing, after.trailing),
    ...(before.tier === after.tier
      ? []
      : [`tier ${before.tier ?? "none"} → ${after.tier ?? "none"}`]),
    ...ratio("target", before.target, after.target),
  ];
}

export function SinceYouLeft({ negotiation }: { negotiation: NegotiationForScreenFragment }) {
  const now = useNow();
  const latest = useRef(negotiation);
  latest.current = negotiation;
  const [before, setBefore] = useState<Seen | null>(() => {
    const seen = read();
    return seen && Date.now() - seen.at > AWAY ? seen : null;
  });
  useEffect(() => {
    let leftAt = 0;
    const remember = () => write(seenNow(latest.current, Date.now()));
    const onVisibility = () => {
      if (document.visibilityState === "hidden") {
        leftAt = Date.now();
        remember();
      } else if (leftAt && Date.now() - leftAt > AWAY) {
        setBefore(read());
      }
    };
    document.addEventListener("visibilitychange", onVisibility);
    addEventListener("pagehide", remember);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      removeEventListener("pagehide", remember);
      remember();
    };
  }, []);

  if (!before || before.id !== negotiation.id) return null;
  const changes = differences(before, seenNow(negotiation, now), negotiation.currency);
  if (changes.length === 0) return null;
  return (
    <aside
      data-testid="since-you-left"
      data-print="no"
      className="panel flex items-center gap-3 px-4 py-2 text-sm arrive [border-radius:1.1rem]"
    >
      <p className="min-w-0 grow">
        <span className="text-muted">
          Since you left at {formatTime(before.at)}, {formatAge(now - before.at)} ago:
        </span>{" "}
        <span className="font-medium tabular">{changes.join(" · ")}</span>
      </p>
      <IconButton
        label="Seen"
        className="size-8"
        onClick={() => {
          write(seenNow(negotiation, Date.now()));
          setBefore(null);
        }}
      >
        <X className="size-4" />
      </IconButton>
    </aside>
  );
}
