/** “Why this number?”: the steps that made a figure, each opening into what it was made of. */
import { Dialog } from "@/design/dialog";
import type { EnvelopeForBandFragment } from "@/gql/graphql";
import { formatQuantity } from "@/lib/money";

export type Trace = EnvelopeForBandFragment["trace"];
type Step = Trace[number];

function StepTree({ step, byId, depth }: { step: Step; byId: Map<string, Step>; depth: number }) {
  const inputs = step.inputs.flatMap((id) => byId.get(id) ?? []);
  const named = step.formula.replace(/[a-z][a-z0-9_]*/g, (id) => byId.get(id)?.label ?? id);
  const plain = step.formula === step.value;
  const head = (
    <>
      <span className="min-w-0">
        <span className="font-medium">{step.label}</span>
        {!plain && (
          <span className="block text-[0.8125rem] text-muted" title={step.formula}>
            = {named === "sum(inputs)" ? `sum of the ${inputs.length} below` : named}
          </span>
        )}
      </span>
      <data value={step.value} className="shrink-0 font-medium tabular">
        {formatQuantity(step.value)}
      </data>
    </>
  );
  if (inputs.length === 0)
    return <div className="flex items-baseline justify-between gap-4 py-1.5 pl-5">{head}</div>;
  return (
    <details open={depth < 1} className="group/step">
      <summary className="relative flex list-none items-baseline justify-between gap-4 rounded-lg py-1.5 pl-5 hover:bg-ink/4 before:absolute before:left-1 before:text-muted before:transition-transform before:content-['›'] [details[open]>&]:before:rotate-90">
        {head}
      </summary>
      <div className="ml-2 border-l border-line pl-2">
        {inputs.map((input) => (
          <StepTree key={input.id} step={input} byId={byId} depth={depth + 1} />
        ))}
      </div>
    </details>
  );
}

export default function Why({
  figure,
  trace,
  onClose,
}: {
  /** The id of the step: the figure's own name. Without it: every figure that no other is made of. */
  figure?: string;
  trace: Trace;
  onClose: () => void;
}) {
  const byId = new Map(trace.map((step) => [step.id, step]));
  const used = new Set(trace.flatMap(({ inputs }) => inputs));
  const found = trace.filter(({ id }) => (figure === undefined ? !used.has(id) : id === figure));
  // What was made of something first: it is what one asks about.
  const steps = [
    ...found.filter(({ inputs }) => inputs.length > 0),
    ...found.filter(({ inputs }) => inputs.length === 0),
  ];
  return (
    <Dialog
      open
      onClose={onClose}
      wide
      title="Why this number?"
      description="Each line is computed from the lines below it. Values are exact, before any display rounding."
    >
      {steps.length > 0 ? (
        steps.map((step) => (
          <StepTree key={step.id} step={step} byId={byId} depth={steps.length > 1 ? 1 : 0} />
        ))
      ) : (
        <p className="text-sm text-muted">The gateway gave no steps for this figure.</p>
      )}
    </Dialog>
  );
}
