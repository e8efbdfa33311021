/** The editor of our position. */
import { useState } from "react";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { TextField } from "@/design/field";
import { toast } from "@/design/toast";
import { byField } from "@/lib/form";
import { POSITION_FIELDS, type Position, positionInput, valuesOf } from "./position-fields";
import { useSetPosition } from "./use-set-position";

export default function PositionForm({
  position,
  negotiation,
  onClose,
}: {
  position: Position;
  negotiation: { id: string; version: number; currency: string };
  onClose: () => void;
}) {
  const [saved] = useState(() => valuesOf(position));
  const [values, setValues] = useState(saved);
  const [version, setVersion] = useState(negotiation.version);
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const { run, busy } = useSetPosition();
  const { input, faults } = positionInput(values, saved);
  const changed = Object.keys(input).length > 0;
  const save = async () => {
    setFailure(null);
    setRefused({});
    const { problem } = await run({
      input: { ...input, negotiationId: negotiation.id, version },
    });
    if (!problem) {
      toast.done({ title: "Position saved", detail: "Limits, target and verdicts follow it." });
      onClose();
      return;
    }
    if (problem.code === "CONFLICT") {
      setVersion(negotiation.version);
      setFailure(
        "Somebody changed the negotiation meanwhile: nothing was saved. Save again to save only what you changed here.",
      );
      return;
    }
    const at = byField(problem);
    setRefused(at);
    if (!POSITION_FIELDS.some(({ name }) => at[name])) setFailure(problem.message);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title="Our position"
      description="Only buyer roles see it, on every path. Amounts are a year’s."
    >
      <form
        noValidate
        data-testid="position-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (changed && Object.keys(faults).length === 0) void save();
        }}
      >
        <div className="grid items-start gap-4 sm:grid-cols-2">
          {POSITION_FIELDS.map(({ name, label, hint, type }) => (
            <TextField
              key={name}
              label={type === "money" ? `${label} (${negotiation.currency})` : label}
              hint={hint}
              suffix={type === "percent" ? "%" : undefined}
              inputMode={type === "text" ? undefined : "decimal"}
              autoComplete="off"
              value={values[name] ?? ""}
              error={faults[name] ?? refused[name]}
              onChange={(event) => setValues({ ...values, [name]: event.target.value })}
            />
          ))}
        </div>
        {failure && (
          <p role="alert" className="mt-4 text-sm font-medium text-bad">
            {failure}
          </p>
        )}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            busy={busy}
            disabled={!changed || Object.keys(faults).length > 0}
          >
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
