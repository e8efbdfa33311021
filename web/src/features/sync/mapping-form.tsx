/** The decision on one of Twilio's categories: it counts as a SKU, or not at all. */
import { useState } from "react";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { Fault, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { MappingForTableFragment as Mapping } from "@/gql/graphql";
import { byField } from "@/lib/form";
import { SkuField } from "./sku-field";
import { useSetMapping } from "./use-sync";

export default function MappingForm({
  mapping,
  onClose,
}: {
  mapping: Mapping;
  onClose: () => void;
}) {
  const { run, busy } = useSetMapping();
  const [rule, setRule] = useState<"COUNT" | "IGNORE">(
    mapping.rule === "IGNORE" ? "IGNORE" : "COUNT",
  );
  const [sku, setSku] = useState(mapping.sku);
  const [parent, setParent] = useState(mapping.parent ?? "");
  const [note, setNote] = useState(mapping.note ?? "");
  const [at, setAt] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const save = async () => {
    setFailure(null);
    setAt({});
    const { data: saved, problem } = await run({
      input: {
        category: mapping.category,
        rule,
        parent: parent.trim(),
        note: note.trim(),
        ...(rule === "COUNT" ? { sku: sku.trim() } : {}),
      },
    });
    if (problem) {
      const fields = byField(problem);
      setAt(fields);
      if (!fields.sku && !fields.parent && !fields.note) setFailure(problem.message);
      return;
    }
    const warnings = saved?.setUsageMapping.warnings ?? [];
    toast.done({
      title: rule === "IGNORE" ? `${mapping.category} is ignored` : `${mapping.category} counts`,
      detail: warnings.map(({ message }) => message).join(" ") || undefined,
    });
    onClose();
  };
  const choice = (value: "COUNT" | "IGNORE", title: string, about: string) => (
    <label className="well flex cursor-pointer items-start gap-3 px-4 py-3 has-checked:ring-2 has-checked:ring-accent has-checked:ring-inset">
      <input
        type="radio"
        name="rule"
        checked={rule === value}
        onChange={() => setRule(value)}
        className="mt-1 accent-accent"
      />
      <span>
        <span className="block text-sm font-medium">{title}</span>
        <span className="block text-[0.8125rem] text-muted">{about}</span>
      </span>
    </label>
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title={mapping.category}
      description="What the usage under this category of Twilio’s is to us."
    >
      <form
        noValidate
        className="grid gap-4"
        data-testid="mapping-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <fieldset className="grid gap-2 sm:grid-cols-2">
          <legend className="sr-only">How it counts</legend>
          {choice("COUNT", "It counts", "As usage of a SKU of ours")}
          {choice("IGNORE", "It does not", "It is in another category already, or not ours to pay")}
        </fieldset>
        {rule === "COUNT" && (
          <SkuField label="As the SKU" value={sku} error={at.sku} onChange={setSku} />
        )}
        <TextField
          label="Part of the category"
          hint="A category that others are part of is a sum: only its parts count. Empty: of none."
          autoComplete="off"
          value={parent}
          error={at.parent}
          onChange={(event) => setParent(event.target.value)}
        />
        <TextField
          label="Note (optional)"
          value={note}
          error={at.note}
          onChange={(event) => setNote(event.target.value)}
        />
        <Fault>{failure}</Fault>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Decide
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
