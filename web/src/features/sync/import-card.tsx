/** Usage and prices from Twilio: how far it is, what came of it, and the button that asks for it. */
import { CloudDownload } from "lucide-react";
import { type ReactNode, useState } from "react";
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Dialog, DialogActions } from "@/design/dialog";
import { Fault, TextField } from "@/design/field";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { ProgressBar } from "@/design/progress-bar";
import { Loaded } from "@/design/states";
import { toast } from "@/design/toast";
import { type RunForCardFragment as Run, TwilioImportDocument } from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatDay, formatInstant, formatRange } from "@/lib/dates";
import { toPixels } from "@/lib/decimal";
import { formatCount, formatRatio } from "@/lib/money";
import { outcome, RUN_STATE } from "./run-words";
import { ImportSubscriber } from "./subscribers";
import { useSyncTwilio } from "./use-sync";

function Progress({ run }: { run: Run }) {
  const now = useNow();
  return (
    <div className="grid gap-1.5" data-testid="import-progress">
      <ProgressBar label="Import from Twilio" share={toPixels(run.progress)} />
      <p className="flex flex-wrap justify-between gap-x-4 text-[0.8125rem] text-muted tabular">
        <span>
          {formatRatio(run.progress, 0)}: {formatCount(run.daysDone)} of{" "}
          {formatCount(run.daysTotal)} days
          {run.state !== "FAILED" &&
            run.daysDone < run.daysTotal &&
            `, now at ${formatDay(run.nextDay)}`}
        </span>
        <span>{outcome(run)}</span>
      </p>
      {run.nextAttemptAt && (
        <p className="text-[0.8125rem] text-warn">
          It goes on in {formatAge(Date.parse(run.nextAttemptAt) - now)} (try {run.attempts + 1}).
        </p>
      )}
    </div>
  );
}

function RunLine({ run }: { run: Run }) {
  const state = RUN_STATE[run.state];
  return (
    <li data-testid="import-run" className="grid gap-1 py-2.5">
      <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 text-sm">
        <Chip tone={state?.tone ?? "plain"}>{state?.says ?? run.state}</Chip>
        {run.dryRun && <Chip>rehearsal</Chip>}
        <span>{formatRange(run.firstDay, run.lastDay)}</span>
        <span className="text-[0.8125rem] text-muted">
          {formatInstant(run.startedAt)} · asked by {run.requestedBy}
        </span>
      </p>
      <p className="text-[0.8125rem] text-muted">{outcome(run)}</p>
      {run.error && (
        <p className="text-[0.8125rem] text-bad">
          {run.error.message} <span className="text-muted">({run.error.code})</span>
        </p>
      )}
      {run.warnings.map((warning) => (
        <p key={warning} className="text-[0.8125rem] text-warn">
          {warning}
        </p>
      ))}
    </li>
  );
}

function StartDialog({ onClose }: { onClose: () => void }) {
  const { run, busy } = useSyncTwilio();
  const [since, setSince] = useState("");
  const [pricing, setPricing] = useState(true);
  const [dryRun, setDryRun] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const start = async () => {
    setFailure(null);
    const { problem } = await run({ input: { since: since || null, pricing, dryRun } });
    if (problem)
      return setFailure(
        [problem.message, ...problem.fields.map(({ message }) => message)]
          .filter((line, i, all) => all.indexOf(line) === i)
          .join(" "),
      );
    toast.done({ title: "The import has begun", detail: "It goes on when you leave this page." });
    onClose();
  };
  const check = (label: string, checked: boolean, onChange: (on: boolean) => void): ReactNode => (
    <label className="flex cursor-pointer items-start gap-2.5 text-sm">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 accent-accent"
      />
      {label}
    </label>
  );
  return (
    <Dialog
      open
      onClose={onClose}
      title="Import from Twilio"
      description="What is there already is left as it is; what Twilio restated becomes a revision."
    >
      <form
        noValidate
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <TextField
          label="From"
          type="date"
          hint="Empty: from where the last import ended, and the days that Twilio may have restated"
          value={since}
          onChange={(event) => setSince(event.target.value)}
        />
        {check("Read list prices too", pricing, setPricing)}
        {check("Only rehearse: say what would change, change nothing", dryRun, setDryRun)}
        <Fault>{failure}</Fault>
        <DialogActions>
          <Button onClick={onClose}>Not now</Button>
          <Button type="submit" look="primary" busy={busy}>
            {dryRun ? "Rehearse" : "Import"}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

export function ImportCard({ may }: { may: boolean }) {
  const { data, ...screen } = useScreen(TwilioImportDocument);
  const resume = useSyncTwilio();
  const [starting, setStarting] = useState(false);
  const state = data?.twilioImport;
  const again = async () => {
    const { problem: failure } = await resume.run({ input: {} });
    if (failure) announce(failure, () => void again());
  };
  return (
    <LiquidGlassCard
      testId="twilio-import"
      title="Usage from Twilio"
      hint={
        state?.nextRunAt
          ? `Every day by itself, next ${formatInstant(state.nextRunAt)}`
          : state?.configured
            ? "Only when somebody asks for it"
            : undefined
      }
      actions={
        may &&
        state?.configured && (
          <Button
            small
            disabled={state.current != null}
            title={state.current ? "It is under way" : undefined}
            onClick={() => setStarting(true)}
          >
            <CloudDownload aria-hidden className="size-3.5" />
            Import…
          </Button>
        )
      }
    >
      <ImportSubscriber />
      <Loaded
        screen={screen}
        part={state}
        what="The import is for the buyer’s people only"
        rows={3}
      >
        {(state) => (
          <div className="grid gap-3">
            <p className="text-sm">{state.message}</p>
            {state.current && <Progress run={state.current} />}
            {!state.current && state.last?.state === "FAILED" && may && (
              <div>
                <Button small look="primary" busy={resume.busy} onClick={() => void again()}>
                  Try again
                </Button>
              </div>
            )}
            {state.runs.length > 0 && (
              <details open={state.last?.state === "FAILED" || undefined}>
                <summary className="cursor-pointer text-[0.8125rem] font-semibold">
                  {state.runs.length === 1
                    ? "The run so far"
                    : `The last ${state.runs.length} runs`}
                </summary>
                <ul className="mt-1 divide-y divide-line">
                  {state.runs.map((run) => (
                    <RunLine key={run.id} run={run} />
                  ))}
                </ul>
              </details>
            )}
          </div>
        )}
      </Loaded>
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </LiquidGlassCard>
  );
}
