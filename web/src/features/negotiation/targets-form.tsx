/** The saved margins of the negotiation, with undo. */
import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { useForm } from "react-hook-form";
import * as z from "zod/mini";
import { announce } from "@/apollo/use-action";
import { Button } from "@/design/button";
import { Dialog, DialogActions } from "@/design/dialog";
import { Fault, TextField } from "@/design/field";
import { toast } from "@/design/toast";
import type { NegotiationForScreenFragment } from "@/gql/graphql";
import { compare } from "@/lib/decimal";
import { showProblem } from "@/lib/form";
import { useSetTargets } from "./use-set-targets";
import { isPercentage, type Margins } from "./what-if";
import { savedPercent } from "./what-if-panel";

const percentage = z
  .string()
  .check(z.refine(isPercentage, "A percentage from 0 to below 100, such as 45 or 37.5"));
const shape = z
  .object({ floorMargin: percentage, targetMargin: percentage, ceilingMargin: percentage })
  .check(
    z.refine(
      (v) =>
        !isPercentage(v.floorMargin) ||
        !isPercentage(v.targetMargin) ||
        compare(v.floorMargin, v.targetMargin) <= 0,
      { path: ["floorMargin"], message: "The floor is above the target" },
    ),
    z.refine(
      (v) =>
        !isPercentage(v.ceilingMargin) ||
        !isPercentage(v.targetMargin) ||
        compare(v.targetMargin, v.ceilingMargin) <= 0,
      { path: ["ceilingMargin"], message: "The ceiling is below the target" },
    ),
  );
type Values = z.infer<typeof shape>;
const FIELDS = ["floorMargin", "targetMargin", "ceilingMargin"] as const;

export default function TargetsForm({
  negotiation,
  wanted,
  onClose,
}: {
  negotiation: NegotiationForScreenFragment;
  /** What the what-if shows, if it is open. */
  wanted: Margins;
  onClose: (done: boolean) => void;
}) {
  const { targets, id, version } = negotiation;
  const [failure, setFailure] = useState<string | null>(null);
  const { run, busy } = useSetTargets();
  const { register, handleSubmit, setError, formState } = useForm<Values>({
    resolver: zodResolver(shape),
    defaultValues: {
      floorMargin: wanted.floor ?? savedPercent(targets, "floor"),
      targetMargin: wanted.target ?? savedPercent(targets, "target"),
      ceilingMargin: wanted.ceiling ?? savedPercent(targets, "ceiling"),
    },
  });

  const undo = (seen: number) => async () => {
    const { floorMargin, targetMargin, ceilingMargin } = targets;
    const { problem } = await run({
      input: { negotiationId: id, floorMargin, targetMargin, ceilingMargin, version: seen },
    });
    if (problem) announce(problem, () => void undo(seen)());
    else toast.done({ title: "The earlier targets are back" });
  };

  const save = handleSubmit(async (values) => {
    setFailure(null);
    const { data, problem } = await run({
      input: {
        negotiationId: id,
        floorMargin: `${values.floorMargin}%`,
        targetMargin: `${values.targetMargin}%`,
        ceilingMargin: `${values.ceilingMargin}%`,
        version,
      },
    });
    if (problem) {
      setFailure(
        problem.code === "CONFLICT"
          ? `${problem.message} Someone changed it meanwhile: the figures behind this form are the new ones. Save again to replace them.`
          : showProblem(problem, [...FIELDS], setError),
      );
      return;
    }
    const after = data?.setTargets.negotiation?.version ?? version + 1;
    toast.done({
      title: "Targets saved",
      detail: "Every screen has them now.",
      action: { label: "Undo", onClick: () => void undo(after)() },
    });
    onClose(true);
  });

  return (
    <Dialog
      open
      onClose={() => onClose(false)}
      title="Set targets"
      description="What the vendor’s margin should be, as the team sees it. Everyone’s screens follow."
    >
      <form
        onSubmit={(event) => void save(event)}
        noValidate
        className="grid gap-4"
        data-testid="targets-form"
      >
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField
            label="Floor"
            suffix="%"
            inputMode="decimal"
            error={formState.errors.floorMargin?.message}
            {...register("floorMargin")}
          />
          <TextField
            label="Target"
            suffix="%"
            inputMode="decimal"
            error={formState.errors.targetMargin?.message}
            {...register("targetMargin")}
          />
          <TextField
            label="Ceiling"
            suffix="%"
            inputMode="decimal"
            error={formState.errors.ceilingMargin?.message}
            {...register("ceilingMargin")}
          />
        </div>
        <Fault>{failure}</Fault>
        <DialogActions>
          <Button onClick={() => onClose(false)}>Cancel</Button>
          <Button type="submit" look="primary" busy={busy}>
            Save targets
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
