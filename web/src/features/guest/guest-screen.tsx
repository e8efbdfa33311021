/** What a guest of the vendor sees: what both sides put on the table, and nothing that we make of it. */
import { Scale } from "lucide-react";
import { useScreen } from "@/apollo/use-screen";
import { Chip } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { Empty, Refused } from "@/design/states";
import { GuestDocument, type OfferForGuestFragment as Offer } from "@/gql/graphql";
import { formatDay } from "@/lib/dates";
import { inWords } from "../offers/terms";
import { OFFER_STATUS, word } from "../words";

function OfferItem({
  offer: o,
  currency,
  buyer,
  vendor,
}: {
  offer: Offer;
  currency: string;
  buyer: string;
  vendor: string;
}) {
  return (
    <li data-testid="guest-offer">
      <details className="px-4 py-3 sm:px-5">
        <summary className="cursor-pointer">
          <span className="font-medium">{o.title}</span>{" "}
          <Chip tone={OFFER_STATUS[o.status] ?? "plain"}>{word(o.status)}</Chip>
          <span className="mt-0.5 block text-[0.8125rem] text-muted">
            from {o.from === "VENDOR" ? vendor : buyer} · {formatDay(o.createdAt.slice(0, 10))}
            {o.validUntil && ` · until ${formatDay(o.validUntil)}`}
          </span>
        </summary>
        <dl className="mt-3 grid gap-3 text-sm sm:grid-cols-[10rem_1fr]">
          {inWords(o.terms, currency).map((term) => (
            <div key={term.id} className="contents">
              <dt className="font-medium">
                {term.kind}
                {term.clause && <span className="font-normal text-muted"> · {term.clause}</span>}
              </dt>
              <dd className="[overflow-wrap:anywhere]">
                {term.says.map((line) => (
                  <span key={line} className="block">
                    {line}
                  </span>
                ))}
                {term.text && <span className="block text-muted">{term.text}</span>}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </li>
  );
}

export default function GuestScreen() {
  const { data, loading, problem, retry } = useScreen(GuestDocument);
  const negotiation = data?.negotiation;
  const rounds = [...(negotiation?.rounds ?? [])].sort((a, b) => b.number - a.number);
  if (problem)
    return <Refused problem={problem} what="This is for others to see" onRetry={retry} />;
  if (loading || !data) return <SkeletonRows rows={6} />;
  return (
    <>
      <PageTitle>Offers</PageTitle>
      {!negotiation || rounds.length === 0 ? (
        <LiquidGlassCard title="Offers">
          <Empty title="No offers yet" icon={<Scale className="size-7" strokeWidth={1.5} />}>
            Offers of both sides appear here, round by round.
          </Empty>
        </LiquidGlassCard>
      ) : (
        rounds.map((round) => (
          <LiquidGlassCard key={round.number} title={`Round ${round.number}`} flush>
            <ul className="divide-y divide-line">
              {round.offers.map((offer) => (
                <OfferItem key={offer.id} offer={offer} {...negotiation} />
              ))}
            </ul>
          </LiquidGlassCard>
        ))
      )}
    </>
  );
}
