/** The rounds so far, each offer by what it would really cost, and several side by side. */
import { PenLine, Scale } from "lucide-react";
import { lazy, Suspense } from "react";
import { useSearchParams } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { CsvButton } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { Empty, Loaded } from "@/design/states";
import { OffersDocument } from "@/gql/graphql";
import { Comparison } from "./comparison";
import type { Offer } from "./offers";
import { OffersTable, offerColumns } from "./offers-table";
import { OffersSubscriber } from "./subscriber";

const OfferPage = lazy(() => import("./offer-page"));
const OfferDifference = lazy(() => import("./diff"));
const ProposePage = lazy(() => import("./propose-page"));

const MOST = 4;

function useSelection() {
  const [search, setSearch] = useSearchParams();
  const compared = (search.get("compare") ?? "").split(",").filter(Boolean);
  const change = (name: string, value: string | null, drop: string[] = []) =>
    setSearch(
      (previous) => {
        const next = new URLSearchParams(previous);
        for (const other of drop) next.delete(other);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: name === "compare" || name === "view" },
    );
  return {
    compared,
    open: search.get("offer"),
    toggle: (id: string) =>
      change(
        "compare",
        (compared.includes(id)
          ? compared.filter((other) => other !== id)
          : [...compared, id].slice(-MOST)
        ).join(","),
      ),
    clear: () => change("compare", null),
    show: (id: string | null) => change("offer", id, ["view", "propose"]),
    view: search.get("view"),
    look: (view: string) => change("view", view),
    /** The offer to begin from; "new": from nothing. */
    proposing: search.get("propose"),
    propose: (from: string | null) => change("propose", from),
  };
}

export default function OffersScreen() {
  const { data, ...screen } = useScreen(OffersDocument);
  const selection = useSelection();
  const negotiation = data?.negotiation;
  const rounds = [...(negotiation?.rounds ?? [])].sort((a, b) => b.number - a.number);
  const offers: Offer[] = rounds.flatMap((round) => round.offers);
  const compared = selection.compared.flatMap((id) => offers.find((o) => o.id === id) ?? []);
  const opened = offers.find((o) => o.id === selection.open);
  const currency = negotiation?.currency ?? "USD";

  if (selection.proposing && negotiation)
    return (
      <>
        <OffersSubscriber />
        <PageTitle>Propose an offer</PageTitle>
        <Suspense fallback={<SkeletonRows rows={8} />}>
          <ProposePage
            key={selection.proposing}
            from={selection.proposing === "new" ? null : selection.proposing}
            negotiation={negotiation}
            onClose={(id) => (id ? selection.show(id) : selection.propose(null))}
          />
        </Suspense>
      </>
    );
  if (selection.open && negotiation)
    return (
      <>
        <OffersSubscriber />
        <PageTitle>{opened?.title ?? "Offer"}</PageTitle>
        <Suspense fallback={<SkeletonRows rows={8} />}>
          {opened ? (
            <OfferPage
              offer={opened}
              currency={currency}
              version={negotiation.version}
              view={selection.view}
              onView={selection.look}
              onPropose={() => selection.propose(opened.id)}
              onClose={() => selection.show(null)}
            />
          ) : (
            <LiquidGlassCard title="Offer">
              <Empty title="There is no such offer">
                <Button onClick={() => selection.show(null)}>See all offers</Button>
              </Empty>
            </LiquidGlassCard>
          )}
        </Suspense>
      </>
    );
  return (
    <>
      <OffersSubscriber />
      <PageTitle>Offers</PageTitle>
      {compared.length > 0 && (
        <LiquidGlassCard
          title="Side by side"
          hint={
            compared.length < 2
              ? "Choose one more offer to compare"
              : "The best value of each line is marked"
          }
          flush
          testId="offers-comparison"
          actions={
            <Button small look="bare" onClick={selection.clear}>
              Clear
            </Button>
          }
        >
          <Comparison offers={compared} currency={currency} onRemove={selection.toggle} />
        </LiquidGlassCard>
      )}
      {compared.length > 1 && (
        <LiquidGlassCard
          title="What changes"
          hint="By how much, per month, both on the forecast of the first"
          flush
        >
          <Suspense fallback={<SkeletonRows rows={5} />}>
            <OfferDifference offers={compared} currency={currency} />
          </Suspense>
        </LiquidGlassCard>
      )}
      <LiquidGlassCard
        title="Offers"
        hint="By effective discount: what is left of the headline after commitments, shortfall and credits"
        flush
        actions={
          <>
            {negotiation && (
              <Button small onClick={() => selection.propose("new")}>
                <PenLine aria-hidden className="size-3.5" />
                Propose an offer
              </Button>
            )}
            <CsvButton name="offers" columns={offerColumns(currency)} rows={offers} />
          </>
        }
      >
        <Loaded
          screen={screen}
          part={data}
          what="Offers with what they would cost are for the buyer’s people only"
          rows={6}
        >
          {rounds.length === 0 ? (
            <Empty title="No offers yet" icon={<Scale className="size-7" strokeWidth={1.5} />}>
              Offers of both sides appear here, round by round, priced on the present forecast.
            </Empty>
          ) : (
            <OffersTable
              rounds={rounds}
              currency={currency}
              compared={selection.compared}
              onCompare={selection.toggle}
              onOpen={selection.show}
            />
          )}
        </Loaded>
      </LiquidGlassCard>
    </>
  );
}
