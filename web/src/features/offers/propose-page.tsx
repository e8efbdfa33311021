/** An offer being written: its terms, what they would cost as one types, and the way to send it. */
import { useApolloClient, useQuery } from "@apollo/client/react";
import { ArrowLeft, Plus } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { explain } from "@/apollo/problem";
import { refreshAll } from "@/apollo/refresh";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Fault, SelectField, TextField } from "@/design/field";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money } from "@/design/money";
import { SkeletonRows } from "@/design/skeleton";
import { Empty, Refused } from "@/design/states";
import { toast } from "@/design/toast";
import { DraftDocument, OfferDetailDocument, type OffersQuery, type Party } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { subtract } from "@/lib/decimal";
import { formatMoney, formatRatio, formatSigned } from "@/lib/money";
import { useSettled } from "@/lib/use-settled";
import { NEGOTIATORS, useMay } from "../shell/use-may";
import { SEVERITY, word } from "../words";
import { keepDraft, keptDraft, type OfferDraft } from "./draft";
import { EvaluationFigures } from "./evaluation-figures";
import type { Offer } from "./offers";
import { TermEditor } from "./term-editor";
import {
  type DraftTerm,
  type Faults,
  faultPath,
  fromTerm,
  KIND_NAMES,
  KINDS,
  type Kind,
  newTerm,
  toInput,
} from "./term-fields";
import { useProposeOffer } from "./use-propose-offer";

type Negotiation = NonNullable<OffersQuery["negotiation"]>;

/** What the terms would cost, a moment after one stopped typing. */
function useDraft(draft: OfferDraft) {
  const asked = useMemo(() => toInput(draft.terms), [draft.terms]);
  const settled = useSettled(JSON.stringify(asked.terms), 300);
  const ready = draft.terms.length > 0 && Object.keys(asked.faults).length === 0;
  const { data, previousData, error, loading } = useQuery(DraftDocument, {
    variables: { terms: JSON.parse(settled), from: draft.party },
    skip: !ready,
    fetchPolicy: "no-cache",
    notifyOnNetworkStatusChange: true,
    context: { retry: false },
  });
  const problem = ready && error ? explain(error) : null;
  const faults: Faults = { ...asked.faults };
  for (const { path, message } of problem?.fields ?? []) faults[faultPath(path)] ??= message;
  const current = ready && !error && !loading && settled === JSON.stringify(asked.terms);
  return {
    terms: asked.terms,
    faults,
    problem: problem && problem.fields.length === 0 ? problem : null,
    result: (data ?? previousData)?.negotiation?.draft,
    current,
  };
}

function Form({
  begun,
  negotiation,
  base,
  onClose,
}: {
  begun: OfferDraft;
  negotiation: Negotiation;
  base: Offer | undefined;
  onClose: (offer: string | null) => void;
}) {
  const client = useApolloClient();
  const [draft, setDraft] = useState(begun);
  const [version, setVersion] = useState(negotiation.version);
  const [asking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [sent, setSent] = useState<Faults>({});
  const { run, busy } = useProposeOffer();
  const may = useMay(NEGOTIATORS);
  const live = useDraft(draft);
  const faults = { ...sent, ...live.faults };
  const { currency } = negotiation;
  const change = (part: Partial<OfferDraft>) => {
    setSent({});
    setFailure(null);
    setAsking(false);
    setDraft((previous) => ({ ...previous, ...part }));
  };
  useEffect(() => keepDraft(draft), [draft]);
  const setTerm = (index: number, term: DraftTerm) =>
    change({ terms: draft.terms.map((other, i) => (i === index ? term : other)) });

  const send = async () => {
    setFailure(null);
    const { data, problem } = await run({
      input: {
        negotiationId: negotiation.id,
        from: draft.party,
        title: draft.title.trim(),
        validUntil: draft.validUntil || null,
        terms: live.terms,
        version,
      },
    });
    if (problem) {
      setAsking(false);
      if (problem.code === "CONFLICT") {
        void refreshAll(client);
        setFailure(
          "Somebody changed the negotiation while you wrote: nothing was sent, and your terms are all here. Look at the newest round, then propose again.",
        );
        return;
      }
      setSent(
        Object.fromEntries(problem.fields.map(({ path, message }) => [faultPath(path), message])),
      );
      setFailure(problem.message);
      return;
    }
    keepDraft(null);
    toast.done({
      title: `Proposed: ${draft.title.trim()}`,
      detail: "It is on everyone’s screen and in the audit trail.",
    });
    onClose(data?.proposeOffer.offer?.id ?? null);
  };

  const lint = live.result?.lint ?? [];
  const stale = version !== negotiation.version;
  const titled = draft.title.trim() !== "";
  return (
    <div className="grid min-w-0 items-start gap-4 sm:gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] 2xl:grid-cols-[minmax(0,1fr)_28rem]">
      {live.result && (
        <p
          aria-hidden
          data-print="no"
          className={cx(
            "panel sticky top-19 z-10 flex flex-wrap items-baseline justify-between gap-x-3 rounded-2xl px-4 py-2 text-sm [--panel-alpha:97%] lg:hidden",
            !live.current && "text-muted",
          )}
        >
          <strong className="font-semibold">
            {formatMoney(live.result.evaluation.cash, currency)}
          </strong>
          {base && (
            <span className="tabular">
              {formatSigned(subtract(live.result.evaluation.cash, base.evaluation.cash), currency)}
            </span>
          )}
          <span>
            shortfall {formatRatio(live.result.evaluation.shortfallProbability)},{" "}
            {word(live.result.evaluation.verdict)}
          </span>
        </p>
      )}
      <LiquidGlassCard title="Terms" hint="Every figure beside follows as you type" flush>
        <div className="grid gap-3 px-4 pb-4 sm:grid-cols-[minmax(0,2fr)_minmax(0,1fr)_minmax(0,1.2fr)] sm:px-5">
          <TextField
            label="Title"
            value={draft.title}
            error={faults.title}
            onChange={(event) => change({ title: event.target.value })}
          />
          <SelectField
            label="From"
            value={draft.party}
            onChange={(event) => change({ party: event.target.value as Party })}
          >
            <option value="BUYER">us</option>
            <option value="VENDOR">the vendor</option>
          </SelectField>
          <TextField
            label="Valid until"
            type="date"
            value={draft.validUntil}
            error={faults.validUntil}
            onChange={(event) => change({ validUntil: event.target.value })}
          />
        </div>
        {draft.terms.length === 0 && (
          <Empty title="No terms yet">
            Add the first: most offers begin with term and renewal.
          </Empty>
        )}
        {draft.terms.map((term, index) => (
          <TermEditor
            key={term.key}
            term={term}
            index={index}
            faults={faults}
            onChange={(next) => setTerm(index, next)}
            onRemove={() => change({ terms: draft.terms.filter((_, i) => i !== index) })}
          />
        ))}
        <div className="flex flex-wrap gap-1.5 border-t border-line px-4 py-3 sm:px-5">
          {KIND_NAMES.map((kind: Kind) => (
            <Button
              key={kind}
              small
              onClick={() => change({ terms: [...draft.terms, newTerm(kind)] })}
            >
              <Plus aria-hidden className="size-3.5" />
              {KINDS[kind].title}
            </Button>
          ))}
        </div>
      </LiquidGlassCard>
      <LiquidGlassCard
        title="What it would cost"
        hint={
          live.current
            ? base
              ? `Against ${base.title}`
              : "On the present forecast"
            : Object.keys(live.faults).length > 0
              ? "Mend what is marked to see it"
              : "Computing…"
        }
        className="lg:sticky lg:top-20"
      >
        {live.problem ? (
          <Refused problem={live.problem} what="What terms would cost" />
        ) : live.result ? (
          <div className={live.current ? "" : "opacity-55"} aria-busy={!live.current}>
            <EvaluationFigures
              testId="draft-figures"
              evaluation={live.result.evaluation}
              base={base?.evaluation}
              currency={currency}
            />
            <h3 className="mt-4 mb-2 text-[0.8125rem] font-semibold">
              {lint.length === 0 ? "No traps found" : "Findings"}
            </h3>
            <ul className="grid gap-2 text-[0.8125rem]">
              {lint.map((finding) => (
                <li key={`${finding.code} ${finding.message}`} className="well px-3 py-2">
                  <span className="flex justify-between gap-2">
                    <Chip tone={SEVERITY[finding.severity] ?? "plain"}>
                      {word(finding.severity)}
                    </Chip>
                    {finding.amount != null && (
                      <strong className="font-semibold">
                        <Money value={finding.amount} currency={currency} />
                      </strong>
                    )}
                  </span>
                  <span className="mt-1 block">{finding.message}</span>
                </li>
              ))}
            </ul>
          </div>
        ) : draft.terms.length === 0 ? (
          <p className="text-sm text-muted">Add terms to see it.</p>
        ) : Object.keys(live.faults).length > 0 ? (
          <p className="text-sm text-muted">The terms cannot be computed yet.</p>
        ) : (
          <SkeletonRows rows={6} />
        )}
        <div className="mt-4 grid gap-3 border-t border-line pt-4">
          <Fault>{failure}</Fault>
          {stale && (
            <p className="text-sm">
              The negotiation has moved on since you began.{" "}
              <button
                type="button"
                className="font-medium text-accent underline underline-offset-4"
                onClick={() => {
                  setVersion(negotiation.version);
                  setFailure(null);
                }}
              >
                I have seen it
              </button>
            </p>
          )}
          {!may && (
            <p className="text-sm text-muted">
              Your role may try terms, not propose them: a negotiator can.
            </p>
          )}
          {asking ? (
            <>
              <p className="text-sm">
                <strong className="font-semibold">Propose “{draft.title.trim()}”?</strong> It
                replaces {draft.party === "BUYER" ? "our" : "the vendor’s"} open offer and never
                changes afterwards.
              </p>
              <div className="flex flex-wrap justify-end gap-2">
                <Button onClick={() => setAsking(false)}>Not yet</Button>
                <Button look="primary" busy={busy} onClick={() => void send()}>
                  Propose
                </Button>
              </div>
            </>
          ) : (
            <div className="flex flex-wrap justify-end gap-2">
              <Button
                look="bare"
                onClick={() => {
                  keepDraft(null);
                  onClose(null);
                }}
              >
                Throw away
              </Button>
              <Button
                look="primary"
                disabled={!live.current || !titled || !may || stale}
                title={titled ? undefined : "Give it a title first"}
                onClick={() => setAsking(true)}
              >
                Propose…
              </Button>
            </div>
          )}
        </div>
      </LiquidGlassCard>
    </div>
  );
}

/** Waits for the terms of the offer that one begins from. */
function FromOffer({
  id,
  negotiation,
  onClose,
}: {
  id: string;
  negotiation: Negotiation;
  onClose: (offer: string | null) => void;
}) {
  const { data, error, refetch } = useQuery(OfferDetailDocument, { variables: { id } });
  const offer = data?.negotiation?.offer;
  if (error)
    return (
      <Refused
        problem={explain(error)}
        what="The terms of this offer"
        onRetry={() => void refetch().catch(() => {})}
      />
    );
  if (!data) return <SkeletonRows rows={8} />;
  if (!offer) return <Empty title="There is no such offer" />;
  return (
    <Form
      begun={{
        from: id,
        title: `${offer.title}, changed`,
        party: "BUYER",
        validUntil: "",
        terms: offer.terms.flatMap((term) => fromTerm(term) ?? []),
      }}
      negotiation={negotiation}
      base={offer}
      onClose={onClose}
    />
  );
}

export default function ProposePage({
  from,
  negotiation,
  onClose,
}: {
  /** The id of the offer to begin from, "counter" for what was chosen there, null for nothing. */
  from: string | null;
  negotiation: Negotiation;
  onClose: (offer: string | null) => void;
}) {
  const [kept] = useState(() => keptDraft(from ?? "new"));
  const offers = negotiation.rounds.flatMap((round) => round.offers);
  const newest = offers.filter((o) => o.from === "VENDOR").at(-1) ?? offers.at(-1);
  const base = offers.find(({ id }) => id === from) ?? newest;
  const form = { negotiation, onClose };
  return (
    <div className="grid min-w-0 gap-4 sm:gap-5" data-testid="propose-offer">
      <div data-print="no">
        <Button look="bare" onClick={() => onClose(null)}>
          <ArrowLeft aria-hidden className="size-4" />
          Back; what you wrote is kept in this tab
        </Button>
      </div>
      {kept ? (
        <Form begun={kept} base={base} {...form} />
      ) : from && from !== "counter" ? (
        <FromOffer id={from} {...form} />
      ) : (
        <Form
          begun={{ from: from ?? "new", title: "", party: "BUYER", validUntil: "", terms: [] }}
          base={base}
          {...form}
        />
      )}
    </div>
  );
}
