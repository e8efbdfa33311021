/** One offer: its verdict with reasons, its traps in money, its terms, its months, what to ask instead, and the decision. */
import { ArrowLeft, CircleHelp, PenLine } from "lucide-react";
import { Tabs } from "radix-ui";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useScreen } from "@/apollo/use-screen";
import { CostFan } from "@/charts/cost-fan";
import { FanOverMonths } from "@/charts/fan-over-months";
import { SavingsWaterfall } from "@/charts/savings-waterfall";
import { Button, IconButton } from "@/design/button";
import { Chip } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money, Ratio } from "@/design/money";
import { Skeleton, SkeletonRows } from "@/design/skeleton";
import { Refused } from "@/design/states";
import { OfferDetailDocument, type OfferDetailQuery, OfferOpenersDocument } from "@/gql/graphql";
import { formatDay } from "@/lib/dates";
import { SEVERITY, word } from "../words";
import { type Offer, waterfall } from "./offers";
import { riskTone, VerdictChip } from "./offers-table";
import { inWords } from "./terms";

const Decide = lazy(() => import("./decide"));
const Why = lazy(() => import("../negotiation/why"));
const OfferWhy = lazy(() => import("./offer-why"));
const Months = lazy(() => import("./months"));
const Counters = lazy(() => import("./counters"));
const WhatIf = lazy(() => import("./what-if"));
const Simulation = lazy(() => import("./simulation"));

type Full = NonNullable<NonNullable<OfferDetailQuery["negotiation"]>["offer"]>;

const VIEWS = [
  ["overview", "Overview"],
  ["months", "Months"],
  ["what-if", "What if"],
  ["simulation", "Simulation"],
  ["counters", "What to ask instead"],
] as const;

function Evidence({
  full,
  ids,
  currency,
}: {
  full: Full;
  ids: readonly string[];
  currency: string;
}) {
  const cited = inWords(
    full.terms.filter((term) => ids.includes(term.id)),
    currency,
  );
  if (cited.length === 0) return null;
  return (
    <ul className="w-full border-l-2 border-line pl-3 text-[0.8125rem] text-muted">
      {cited.map((term) => (
        <li key={term.id}>
          {term.clause ? `Clause ${term.clause}, ` : ""}
          {term.kind.toLowerCase()}: {term.says[0]}
          {term.text && (
            <>
              {" "}
              <q>{term.text}</q>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Findings({
  offer,
  full,
  currency,
}: {
  offer: Offer;
  full: Full | undefined;
  currency: string;
}) {
  const [asked, setAsked] = useState<Offer["lint"][number] | null>(null);
  if (offer.lint.length === 0)
    return (
      <p className="text-sm text-muted">No contradictions or traps were found in the terms.</p>
    );
  return (
    <>
      <ul className="grid gap-2" data-testid="offer-findings">
        {offer.lint.map((finding) => (
          <li
            key={`${finding.code} ${finding.termIds.join()} ${finding.message}`}
            className="well flex flex-wrap items-baseline gap-x-3 gap-y-1.5 px-3.5 py-2.5 text-sm"
          >
            <Chip tone={SEVERITY[finding.severity] ?? "plain"}>{word(finding.severity)}</Chip>
            <span className="min-w-0 grow basis-60">
              {finding.message}
              {finding.clause && <span className="text-muted"> (clause {finding.clause})</span>}
            </span>
            <span className="font-semibold">
              <Money value={finding.amount} currency={currency} />
              {finding.trace.length > 0 && (
                <IconButton
                  label={`Why this number? ${word(finding.code)}`}
                  className="-my-2 ml-1 size-8"
                  onClick={() => setAsked(finding)}
                >
                  <CircleHelp className="size-4" />
                </IconButton>
              )}
            </span>
            {full && <Evidence full={full} ids={finding.termIds} currency={currency} />}
          </li>
        ))}
      </ul>
      <Suspense fallback={null}>
        {asked && <Why trace={asked.trace} onClose={() => setAsked(null)} />}
      </Suspense>
    </>
  );
}

function Openers({ offer, currency }: { offer: Offer; currency: string }) {
  const { data, loading, problem, retry } = useScreen(OfferOpenersDocument, { id: offer.id });
  const openers = data?.negotiation?.offer?.openers;
  if (problem)
    return (
      <Refused problem={problem} what="What would bring it within our target" onRetry={retry} />
    );
  if (loading || !openers) return <SkeletonRows rows={2} />;
  if (openers.length === 0)
    return (
      <p className="text-sm text-muted">
        No change of a single term is needed or enough to bring it within our target.
      </p>
    );
  return (
    <ul className="grid gap-2 text-sm" data-testid="offer-openers">
      {openers.map((opener) => (
        <li
          key={`${opener.termIds.join()} ${opener.field}`}
          className="well flex flex-wrap items-baseline gap-x-4 gap-y-1 px-3.5 py-2.5"
        >
          <span className="min-w-0 grow basis-60">{opener.message}</span>
          <span className="text-muted">
            then it costs{" "}
            <strong className="font-semibold text-ink">
              <Money value={opener.cash} currency={currency} />
            </strong>
          </span>
        </li>
      ))}
    </ul>
  );
}

const HEADING = "mt-6 mb-2 text-[0.8125rem] font-semibold first:mt-0";

function Overview({
  offer,
  full,
  currency,
}: {
  offer: Offer;
  full: Full | undefined;
  currency: string;
}) {
  const { evaluation } = offer;
  return (
    <>
      <h3 className={HEADING}>Findings</h3>
      <Findings offer={offer} full={full} currency={currency} />
      <h3 className={HEADING}>
        Within our target by one change{" "}
        <span className="font-normal text-muted">the smallest change of each term</span>
      </h3>
      <Openers offer={offer} currency={currency} />
      <h3 className={HEADING}>From list to cash</h3>
      <SavingsWaterfall steps={waterfall(offer)} currency={currency} />
      <h3 className={HEADING}>
        Paid so far, month by month{" "}
        <span className="font-normal text-muted">the band is P10 to P90, the line P50</span>
      </h3>
      <FanOverMonths
        currency={currency}
        fans={[{ id: offer.id, name: offer.title, months: evaluation.costFan }]}
      />
      <h3 className={HEADING}>Cost range</h3>
      <CostFan
        currency={currency}
        ranges={[
          {
            id: offer.id,
            name: offer.title,
            p10: evaluation.costP10,
            p50: evaluation.costP50,
            p90: evaluation.costP90,
          },
        ]}
      />
      <h3 className={HEADING}>Terms</h3>
      {full ? <TermsInWords full={full} currency={currency} /> : <Skeleton className="h-40" />}
      <p className="mt-4 truncate text-xs text-muted" title={offer.hash}>
        Content hash {offer.hash}
      </p>
    </>
  );
}

function TermsInWords({ full, currency }: { full: Full; currency: string }) {
  return (
    <dl className="divide-y divide-line text-sm">
      {inWords(full.terms, currency).map((term) => (
        <div key={term.id} className="grid gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[9rem_1fr]">
          <dt className="font-medium">{term.kind}</dt>
          <dd className="min-w-0">
            {term.says.map((line) => (
              <p key={line}>{line}</p>
            ))}
            {(term.clause || term.text) && (
              <p className="text-[0.8125rem] text-muted">
                {term.clause ? `Clause ${term.clause}. ` : ""}
                {term.text && <q>{term.text}</q>}
              </p>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

export default function OfferPage({
  offer,
  currency,
  version,
  view,
  onView,
  onPropose,
  onClose,
}: {
  offer: Offer;
  currency: string;
  version: number;
  view: string | null;
  onView: (view: string) => void;
  onPropose: () => void;
  onClose: () => void;
}) {
  const { data, problem, retry } = useScreen(OfferDetailDocument, { id: offer.id });
  const full = data?.negotiation?.offer?.id === offer.id ? data.negotiation.offer : undefined;
  const [why, setWhy] = useState(false);
  const top = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on each other offer
  useEffect(() => {
    scrollTo({ top: 0 });
    top.current?.focus({ preventScroll: true });
  }, [offer.id]);
  const { evaluation } = offer;
  const shown = VIEWS.find(([key]) => key === view)?.[0] ?? "overview";
  return (
    <article className="grid min-w-0 gap-4 sm:gap-5" data-testid="offer-page">
      <div data-print="no" className="flex flex-wrap justify-between gap-2">
        <Button look="bare" onClick={onClose}>
          <ArrowLeft aria-hidden className="size-4" />
          All offers
        </Button>
        <Button onClick={onPropose}>
          <PenLine aria-hidden className="size-4" />
          Edit as a new offer
        </Button>
      </div>
      <LiquidGlassCard
        title={
          <span ref={top} tabIndex={-1} className="text-lg outline-none">
            {offer.title}
          </span>
        }
        hint={`Round ${offer.round}, ${offer.from === "VENDOR" ? "from the vendor" : "ours"}, ${word(offer.status)}${offer.validUntil ? `, valid until ${formatDay(offer.validUntil)}` : ""}`}
        actions={
          <Button small look="bare" onClick={() => setWhy(true)}>
            <CircleHelp aria-hidden className="size-4" />
            Why these figures?
          </Button>
        }
      >
        <dl className="grid grid-cols-2 gap-4 @2xl:grid-cols-4">
          {[
            ["Effective", <Ratio key="e" value={evaluation.effectiveDiscount} />],
            [
              "Headline",
              <Ratio key="h" value={evaluation.headlineDiscount} className="text-muted" />,
            ],
            [
              "P(shortfall)",
              <Ratio
                key="p"
                value={evaluation.shortfallProbability}
                className={riskTone(evaluation.shortfallProbability)}
              />,
            ],
            [
              `Cost, ${evaluation.months} months`,
              <Money key="c" value={evaluation.cash} currency={currency} highlight />,
            ],
            ["Present value", <Money key="n" value={evaluation.npv} currency={currency} />],
            [
              "With its risk",
              <Money key="ce" value={evaluation.certaintyEquivalent} currency={currency} />,
            ],
            [
              "Dearest 5 % (CVaR95)",
              <Money key="cv" value={evaluation.cvar95} currency={currency} />,
            ],
            ["Shortfall", <Money key="s" value={evaluation.shortfall} currency={currency} />],
          ].map(([name, value]) => (
            <div key={String(name)} className="min-w-0">
              <dt className="text-[0.8125rem] text-muted">{name}</dt>
              <dd className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">
                {value}
              </dd>
            </div>
          ))}
        </dl>
        <div className="mt-4 mb-4 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
          <VerdictChip offer={offer} />
          <span className="min-w-0 text-muted">
            {evaluation.reasons.map((r) => r.message).join(" ")}
          </span>
        </div>
        <Suspense fallback={<Skeleton className="h-17" />}>
          <Decide offer={offer} version={version} />
        </Suspense>
      </LiquidGlassCard>
      <Tabs.Root value={shown} onValueChange={onView} className="grid min-w-0 gap-4">
        <Tabs.List
          aria-label="About this offer"
          data-print="no"
          className="well flex max-w-full justify-self-start overflow-x-auto p-0.5"
        >
          {VIEWS.map(([key, title]) => (
            <Tabs.Trigger
              key={key}
              value={key}
              className="min-h-9 rounded-xl px-3.5 text-sm whitespace-nowrap text-muted hover:text-ink focus-visible:-outline-offset-2 data-[state=active]:bg-raised data-[state=active]:font-medium data-[state=active]:text-ink data-[state=active]:shadow-sm"
            >
              {title}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <Tabs.Content key={shown} value={shown} className="min-w-0 outline-none">
          <LiquidGlassCard title={VIEWS.find(([key]) => key === shown)?.[1]}>
            <Suspense fallback={<SkeletonRows rows={6} />}>
              {problem && shown !== "what-if" && shown !== "simulation" ? (
                <Refused problem={problem} what="This offer’s terms" onRetry={retry} />
              ) : shown === "overview" ? (
                <Overview offer={offer} full={full} currency={currency} />
              ) : shown === "months" ? (
                <Months id={offer.id} evaluation={full?.evaluation} currency={currency} />
              ) : shown === "what-if" ? (
                <WhatIf offer={offer} currency={currency} />
              ) : shown === "simulation" ? (
                <Simulation offer={offer} currency={currency} />
              ) : (
                <Counters offer={offer} currency={currency} />
              )}
            </Suspense>
          </LiquidGlassCard>
        </Tabs.Content>
      </Tabs.Root>
      <Suspense fallback={null}>
        {why && <OfferWhy id={offer.id} onClose={() => setWhy(false)} />}
      </Suspense>
    </article>
  );
}
