/** One offer: its verdict with reasons, its traps in money, its terms, its months, and the decision. */
import { useState } from "react";
import { useScreen } from "@/apollo/use-screen";
import { MonthStack } from "@/charts/month-stack";
import { SavingsWaterfall } from "@/charts/savings-waterfall";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Dialog } from "@/design/dialog";
import { TextField } from "@/design/field";
import { Money, Ratio } from "@/design/money";
import { Skeleton } from "@/design/skeleton";
import { toast } from "@/design/toast";
import { type OfferDecision, OfferDetailDocument } from "@/gql/graphql";
import { formatDay } from "@/lib/dates";
import { SEVERITY, word } from "../words";
import { type Offer, waterfall } from "./offers";
import { riskTone, VerdictChip } from "./offers-table";
import { inWords } from "./terms";
import { useDecideOffer } from "./use-decide-offer";

const DECISIONS: { decision: OfferDecision; label: string; done: string }[] = [
  { decision: "ACCEPT", label: "Accept", done: "accepted" },
  { decision: "REJECT", label: "Reject", done: "rejected" },
  { decision: "WITHDRAW", label: "Withdraw", done: "withdrawn" },
];

function Decide({ offer, version }: { offer: Offer; version: number }) {
  const { run, busy } = useDecideOffer();
  const [asked, setAsked] = useState<OfferDecision | null>(null);
  const [note, setNote] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  const wanted = DECISIONS.find(({ decision }) => decision === asked);

  const decide = async () => {
    if (!wanted) return;
    const { problem } = await run({
      input: { offerId: offer.id, decision: wanted.decision, version, note: note.trim() || null },
    });
    if (problem) {
      setFailure(problem.message);
      return;
    }
    setAsked(null);
    toast.done({ title: `${offer.title}: ${wanted.done}`, detail: "It is in the audit trail." });
  };

  if (offer.status !== "PROPOSED")
    return (
      <p className="text-sm text-muted">
        This offer is {word(offer.status)}: there is nothing to decide.
      </p>
    );
  const possible = DECISIONS.filter(({ decision }) =>
    offer.from === "BUYER" ? true : decision !== "WITHDRAW",
  );
  return (
    <div className="well grid gap-3 p-4">
      {wanted ? (
        <>
          <p className="text-sm">
            <strong className="font-semibold">{wanted.label} this offer?</strong> It cannot be
            undone; a change afterwards is a new offer.
          </p>
          <TextField
            label="Note for the record (optional)"
            value={note}
            onChange={(event) => setNote(event.target.value)}
          />
          {failure && (
            <p role="alert" className="text-sm font-medium text-bad">
              {failure}
            </p>
          )}
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsked(null)}>Not yet</Button>
            <Button
              look={wanted.decision === "ACCEPT" ? "primary" : "danger"}
              busy={busy}
              onClick={() => void decide()}
            >
              {wanted.label}
            </Button>
          </div>
        </>
      ) : (
        <div className="flex flex-wrap gap-2">
          {possible.map(({ decision, label }) => (
            <Button
              key={decision}
              look={decision === "ACCEPT" ? "primary" : "quiet"}
              onClick={() => setAsked(decision)}
            >
              {label}…
            </Button>
          ))}
        </div>
      )}
    </div>
  );
}

function Findings({ offer, currency }: { offer: Offer; currency: string }) {
  if (offer.lint.length === 0)
    return (
      <p className="text-sm text-muted">No contradictions or traps were found in the terms.</p>
    );
  return (
    <ul className="grid gap-2" data-testid="offer-findings">
      {offer.lint.map((finding) => (
        <li
          key={`${finding.code} ${finding.termIds.join()} ${finding.message}`}
          className="well flex flex-wrap items-baseline gap-x-3 gap-y-1 px-3.5 py-2.5 text-sm"
        >
          <Chip tone={SEVERITY[finding.severity] ?? "plain"}>{word(finding.severity)}</Chip>
          <span className="min-w-0 grow basis-60">
            {finding.message}
            {finding.clause && <span className="text-muted"> (clause {finding.clause})</span>}
          </span>
          <span className="font-semibold">
            {finding.amount == null ? (
              <span className="font-normal text-muted">not priced</span>
            ) : (
              <Money value={finding.amount} currency={currency} />
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function OfferDetail({
  offer,
  currency,
  version,
  onClose,
}: {
  offer: Offer;
  currency: string;
  version: number;
  onClose: () => void;
}) {
  const { data } = useScreen(OfferDetailDocument, { id: offer.id });
  const full = data?.negotiation?.offer?.id === offer.id ? data.negotiation.offer : undefined;
  const { evaluation } = offer;
  const heading = "mt-6 mb-2 text-[0.8125rem] font-semibold";
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title={offer.title}
      description={`Round ${offer.round}, ${offer.from === "VENDOR" ? "from the vendor" : "ours"}, ${word(offer.status)}${offer.validUntil ? `, valid until ${formatDay(offer.validUntil)}` : ""}`}
    >
      <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
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
            <Money key="c" value={evaluation.cash} currency={currency} />,
          ],
        ].map(([name, value]) => (
          <div key={String(name)} className="min-w-0">
            <dt className="text-[0.8125rem] text-muted">{name}</dt>
            <dd className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">
              {value}
            </dd>
          </div>
        ))}
      </dl>
      <div className="mt-4 flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
        <VerdictChip offer={offer} />
        <span className="min-w-0 text-muted">
          {evaluation.reasons.map((r) => r.message).join(" ")}
        </span>
      </div>
      <h3 className={heading}>Findings</h3>
      <Findings offer={offer} currency={currency} />
      <h3 className={heading}>From list to cash</h3>
      <SavingsWaterfall steps={waterfall(offer)} currency={currency} />
      <h3 className={heading}>Month by month</h3>
      {full ? (
        <MonthStack
          currency={currency}
          months={full.evaluation.monthly.map((m) => ({ ...m, tier: m.tier ?? null }))}
        />
      ) : (
        <Skeleton className="h-56" />
      )}
      <h3 className={heading}>Terms</h3>
      {full ? (
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
      ) : (
        <Skeleton className="h-40" />
      )}
      <p className="mt-4 mb-4 truncate text-xs text-muted" title={offer.hash}>
        Content hash {offer.hash}
      </p>
      <Decide offer={offer} version={version} />
    </Dialog>
  );
}
