/** The decision on an offer, with its note for the record. */
import { useState } from "react";
import { Button } from "@/design/button";
import { Fault, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { OfferDecision } from "@/gql/graphql";
import { DECIDERS, useMay } from "../shell/use-may";
import { word } from "../words";
import type { Offer } from "./offers";
import { useDecideOffer } from "./use-decide-offer";

const DECISIONS: { decision: OfferDecision; label: string; done: string }[] = [
  { decision: "ACCEPT", label: "Accept", done: "accepted" },
  { decision: "REJECT", label: "Reject", done: "rejected" },
  { decision: "WITHDRAW", label: "Withdraw", done: "withdrawn" },
];

export default function Decide({ offer, version }: { offer: Offer; version: number }) {
  const { run, busy } = useDecideOffer();
  const may = useMay(DECIDERS);
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

  if (!may)
    return (
      <p className="text-sm text-muted">
        Negotiators and approvers decide on offers; your role reads them.
      </p>
    );
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
          <Fault>{failure}</Fault>
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
