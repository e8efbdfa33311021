import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { Fault, TextArea, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { InvoiceForTableFragment } from "@/gql/graphql";
import { compare, isDecimal, sign } from "@/lib/decimal";
import { showProblem } from "@/lib/form";
import { formatMoney } from "@/lib/money";
import { claimOf } from "./findings";
import { useDisputeInvoice } from "./use-dispute-invoice";

const shape = z.object({
  reason: z.string().check(z.trim()),
  amount: z.string().check(
    z.trim(),
    z.refine(
      (v) => v === "" || (isDecimal(v) && sign(v) > 0),
      "An amount such as 1234.56, or nothing",
    ),
  ),
});
type Values = z.infer<typeof shape>;

export default function DisputeForm({
  invoice,
  only,
  onClose,
}: {
  invoice: InvoiceForTableFragment;
  /** The one finding that is meant; without it, all of them. */
  only?: string;
  onClose: () => void;
}) {
  const { findings, currency } = invoice;
  const { run, busy } = useDisputeInvoice();
  const [failure, setFailure] = useState<string | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>(() =>
    only ? [only] : findings.map(({ id }) => id),
  );
  const meant = findings.filter(({ id }) => chosen.includes(id));
  const suggested = (of: typeof findings) => {
    const claim = claimOf(of);
    return sign(claim) > 0 && compare(claim, invoice.amount) <= 0 ? claim : "";
  };
  const { register, handleSubmit, setError, setValue, formState } = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: {
      amount: suggested(meant),
      reason: meant.map(({ message }) => message).join(" "),
    },
  });
  const choose = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id];
    setChosen(next);
    const of = findings.filter((finding) => next.includes(finding.id));
    setValue("amount", suggested(of));
    setValue("reason", of.map(({ message }) => message).join(" "));
  };
  const submit = handleSubmit(async ({ reason, amount }) => {
    setFailure(null);
    if (reason.length < 3 && chosen.length === 0)
      return setError("reason", { message: "Say why, in a sentence" });
    const { problem } = await run({
      input: {
        invoiceId: invoice.id,
        reason,
        amount: amount === "" ? null : amount,
        findings: [...chosen],
      },
    });
    if (problem) return setFailure(showProblem(problem, ["reason", "amount"], setError));
    toast.done({ title: `Invoice ${invoice.number} is disputed` });
    onClose();
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Dispute ${invoice.number}`}
      description={`Billed ${formatMoney(invoice.amount, currency)}. The reason is kept in the audit trail.`}
    >
      <form
        onSubmit={(event) => void submit(event)}
        noValidate
        className="grid gap-4"
        data-testid="dispute-form"
      >
        {findings.length > 0 && (
          <fieldset className="grid gap-1.5">
            <legend className="mb-1 text-[0.8125rem] font-medium">What is in dispute</legend>
            {findings.map((finding) => (
              <label key={finding.id} className="well flex items-start gap-2.5 px-3 py-2 text-sm">
                <input
                  type="checkbox"
                  checked={chosen.includes(finding.id)}
                  onChange={() => choose(finding.id)}
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                />
                <span className="min-w-0 grow">{finding.message}</span>
                {finding.delta != null && (
                  <strong className="shrink-0 font-semibold">
                    {formatMoney(finding.delta, currency)}
                  </strong>
                )}
              </label>
            ))}
          </fieldset>
        )}
        <TextField
          label={`Amount in dispute (${currency})`}
          inputMode="decimal"
          hint={
            chosen.length > 0
              ? "What the chosen findings add up to; empty leaves it to them"
              : "Empty: the whole invoice"
          }
          error={formState.errors.amount?.message}
          {...register("amount")}
        />
        <TextArea label="Reason" error={formState.errors.reason?.message} {...register("reason")} />
        <Fault>{failure}</Fault>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Dispute
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
