import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { TextArea, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { InvoiceForTableFragment } from "@/gql/graphql";
import { compare, isDecimal, sign, sum } from "@/lib/decimal";
import { showProblem } from "@/lib/form";
import { formatMoney } from "@/lib/money";
import { useDisputeInvoice } from "./use-dispute-invoice";

const shape = z.object({
  reason: z.string().check(z.trim(), z.minLength(3, "Say why, in a sentence")),
  amount: z.string().check(
    z.trim(),
    z.refine(
      (v) => v === "" || (isDecimal(v) && sign(v) > 0),
      "An amount such as 1234.56, or nothing for all of it",
    ),
  ),
});
type Values = z.infer<typeof shape>;

/** What the findings say was billed too much; null when they say nothing. */
export function overbilled(invoice: InvoiceForTableFragment): string | null {
  const deltas = invoice.findings.flatMap(({ delta }) =>
    delta != null && sign(delta) > 0 ? [delta] : [],
  );
  const all = sum(deltas);
  return sign(all) > 0 && compare(all, invoice.amount) <= 0 ? all : null;
}

export default function DisputeForm({
  invoice,
  onClose,
}: {
  invoice: InvoiceForTableFragment;
  onClose: () => void;
}) {
  const { run, busy } = useDisputeInvoice();
  const [failure, setFailure] = useState<string | null>(null);
  const suggested = overbilled(invoice);
  const { register, handleSubmit, setError, formState } = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: {
      amount: suggested ?? "",
      reason: invoice.findings.map(({ message }) => message).join(" "),
    },
  });
  const submit = handleSubmit(async ({ reason, amount }) => {
    setFailure(null);
    const { problem } = await run({
      input: { invoiceId: invoice.id, reason, amount: amount === "" ? null : amount },
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
      description={`Billed ${formatMoney(invoice.amount, invoice.currency)}. The reason is kept in the audit trail.`}
    >
      <form
        onSubmit={(event) => void submit(event)}
        noValidate
        className="grid gap-4"
        data-testid="dispute-form"
      >
        <TextField
          label={`Amount in dispute (${invoice.currency})`}
          inputMode="decimal"
          hint={suggested ? "What the findings below add up to" : "Empty: the whole invoice"}
          error={formState.errors.amount?.message}
          {...register("amount")}
        />
        <TextArea label="Reason" error={formState.errors.reason?.message} {...register("reason")} />
        {failure && (
          <p role="alert" className="text-sm font-medium text-bad">
            {failure}
          </p>
        )}
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
