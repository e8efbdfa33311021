/** A rule that is made or changed, beside what it would say now. */
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Button } from "@/design/button";
import { Fault, SelectField, TextArea, TextField } from "@/design/field";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { toast } from "@/design/toast";
import { ToggleChips } from "@/design/toggle-chips";
import type {
  RuleKindForEditorFragment as KindInfo,
  NotificationChannel,
  NotificationPriority,
  RuleForListFragment as Rule,
  RuleKind,
} from "@/gql/graphql";
import { RulePreview, useRulePreview } from "./preview";
import { byField, draftOf, emptyDraft, type RuleDraft, read, WEEKDAYS } from "./rule-draft";
import { useSaveRule } from "./use-rules";

const ownZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const ZONES = "time-zones";
const FORM: readonly string[] = [
  "name",
  "kind",
  "days",
  "threshold",
  "tier",
  "recipients",
  "channel",
  "template",
  "start",
  "end",
  "zone",
  "quietDays",
  "dailyCap",
  "cooldownHours",
  "priority",
];
const PARAMETERS = { days: "Days", threshold: "Threshold", tier: "Tier" } as const;

function Check({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="flex cursor-pointer items-start gap-2.5 text-sm">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="mt-0.5 size-4 shrink-0 accent-accent"
      />
      <span>
        {label}
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  );
}

export default function RuleEditor({
  rule,
  kinds,
  onClose,
}: {
  /** Null: a new one. */
  rule: Rule | null;
  kinds: readonly KindInfo[];
  onClose: () => void;
}) {
  const [draft, setDraft] = useState<RuleDraft>(() =>
    rule
      ? draftOf(rule, ownZone())
      : emptyDraft(kinds[0]?.kind ?? "ENVELOPE_OUT_OF_BAND", ownZone()),
  );
  const [version, setVersion] = useState(rule?.version);
  const [refused, setRefused] = useState<Readonly<Record<string, string>>>({});
  const [failure, setFailure] = useState<string | null>(null);
  /** Faults are shown once there was something typed at all, or saving was tried. */
  const [touched, setTouched] = useState(rule !== null);
  const { run, busy } = useSaveRule();
  const info = kinds.find(({ kind }) => kind === draft.kind);
  const { input, faults } = read(
    draft,
    info,
    rule && version !== undefined ? { id: rule.id, version } : undefined,
  );
  const { preview, problem, current } = useRulePreview(input);
  const problems = byField(preview?.problems ?? []);
  const error = (name: string): string | undefined =>
    faults[name] ?? refused[name] ?? (touched ? problems[name] : undefined);
  const set = (change: Partial<RuleDraft>) => {
    setTouched(true);
    setRefused({});
    setDraft((previous) => ({ ...previous, ...change }));
  };
  const changedMeanwhile = rule !== null && version !== undefined && rule.version !== version;

  const save = async () => {
    setTouched(true);
    setFailure(null);
    if (Object.keys(faults).length > 0) return;
    const { problem: refusal } = await run({ input });
    if (!refusal) {
      toast.done({
        title: rule ? "Rule saved" : "Rule made",
        detail: draft.enabled
          ? "It is switched on."
          : "It is switched off: switch it on when it is right.",
      });
      onClose();
      return;
    }
    if (refusal.code === "CONFLICT") {
      setFailure(`${refusal.message} Nothing was saved.`);
      return;
    }
    const at = byField(refusal.fields.map(({ path, message }) => ({ field: path, message })));
    setRefused(at);
    if (!FORM.some((name) => at[name])) setFailure(refusal.message);
  };

  return (
    <div className="grid min-w-0 gap-4 sm:gap-5" data-testid="rule-editor">
      <div data-print="no">
        <Button look="bare" onClick={onClose}>
          <ArrowLeft aria-hidden className="size-4" />
          All rules
        </Button>
      </div>
      {changedMeanwhile && (
        <div
          role="alert"
          className="panel flex flex-wrap items-center gap-3 px-4 py-3 text-sm [border-radius:1.1rem]"
        >
          <p className="min-w-0 grow">
            <strong className="font-semibold">{rule.updatedBy} changed this rule meanwhile.</strong>{" "}
            What you typed is still here.
          </p>
          <Button
            small
            onClick={() => {
              setDraft(draftOf(rule, ownZone()));
              setVersion(rule.version);
              setFailure(null);
            }}
          >
            Take theirs
          </Button>
          <Button
            small
            onClick={() => {
              setVersion(rule.version);
              setFailure(null);
            }}
          >
            Keep mine, to save over it
          </Button>
        </div>
      )}
      <div className="grid min-w-0 items-start gap-4 sm:gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <LiquidGlassCard title={rule ? rule.name : "A new rule"} hint={info?.about}>
          <form
            noValidate
            className="grid gap-5"
            onSubmit={(event) => {
              event.preventDefault();
              void save();
            }}
          >
            <div className="grid items-start gap-4 @xl:grid-cols-2">
              <TextField
                label="Name"
                value={draft.name}
                autoComplete="off"
                error={error("name")}
                onChange={(event) => set({ name: event.target.value })}
              />
              <SelectField
                label="What to watch"
                value={draft.kind}
                error={error("kind")}
                onChange={(event) => set({ kind: event.target.value as RuleKind })}
              >
                {kinds.map(({ kind, label }) => (
                  <option key={kind} value={kind}>
                    {label}
                  </option>
                ))}
              </SelectField>
              {(Object.keys(PARAMETERS) as (keyof typeof PARAMETERS)[]).map((name) => {
                const parameter = info?.parameters.find((p) => p.name === name);
                return (
                  parameter && (
                    <TextField
                      key={name}
                      label={PARAMETERS[name]}
                      hint={parameter.about}
                      suffix={name === "threshold" ? "%" : undefined}
                      inputMode={name === "tier" ? "text" : "decimal"}
                      autoComplete="off"
                      value={draft[name]}
                      error={error(name)}
                      onChange={(event) => set({ [name]: event.target.value })}
                    />
                  )
                );
              })}
            </div>
            <TextArea
              label="What it says"
              placeholder={info?.text}
              hint="Empty: the text in grey. A name in double braces is filled in:"
              value={draft.template}
              error={error("template")}
              onChange={(event) => set({ template: event.target.value })}
            />
            <ul aria-label="Names that can be filled in" className="-mt-3 flex flex-wrap gap-1.5">
              {info?.names.map(({ name, about }) => (
                <li key={name}>
                  <button
                    type="button"
                    title={about}
                    onClick={() =>
                      set({ template: `${draft.template || info.text} {{${name}}}`.trimStart() })
                    }
                    className="rounded-full bg-ink/6 px-2 py-0.5 font-mono text-xs text-muted hover:text-ink"
                  >
                    {`{{${name}}}`}
                  </button>
                </li>
              ))}
            </ul>
            <div className="grid items-start gap-4 @xl:grid-cols-2">
              <TextArea
                label="Whom to tell"
                placeholder="+14155550123"
                hint="One number a line, with its country code. Empty: the recipient that is configured."
                value={draft.recipients}
                error={error("recipients")}
                onChange={(event) => set({ recipients: event.target.value })}
              />
              <div className="grid gap-4">
                <SelectField
                  label="By"
                  value={draft.channel}
                  error={error("channel")}
                  onChange={(event) => set({ channel: event.target.value as NotificationChannel })}
                >
                  <option value="SMS">SMS</option>
                  <option value="STUDIO_FLOW">Studio flow</option>
                </SelectField>
                <SelectField
                  label="Priority"
                  value={draft.priority}
                  error={error("priority")}
                  onChange={(event) =>
                    set({ priority: event.target.value as NotificationPriority })
                  }
                >
                  <option value="HIGH">High</option>
                  <option value="NORMAL">Normal</option>
                  <option value="LOW">Low</option>
                </SelectField>
              </div>
            </div>
            <fieldset className="well grid gap-4 px-4 py-3.5">
              <legend className="sr-only">Quiet hours</legend>
              <Check
                label="Keep quiet hours"
                hint="What falls into them waits until they end."
                checked={draft.quiet}
                onChange={(quiet) => set({ quiet })}
              />
              {draft.quiet && (
                <>
                  <div className="grid items-start gap-4 @md:grid-cols-[1fr_1fr_2fr]">
                    <TextField
                      label="From"
                      type="time"
                      value={draft.start}
                      error={error("start")}
                      onChange={(event) => set({ start: event.target.value })}
                    />
                    <TextField
                      label="Until"
                      type="time"
                      value={draft.end}
                      error={error("end")}
                      onChange={(event) => set({ end: event.target.value })}
                    />
                    <TextField
                      label="By the clocks of"
                      list={ZONES}
                      autoComplete="off"
                      value={draft.zone}
                      error={error("zone")}
                      onChange={(event) => set({ zone: event.target.value })}
                    />
                    <datalist id={ZONES}>
                      {Intl.supportedValuesOf("timeZone").map((zone) => (
                        <option key={zone} value={zone} />
                      ))}
                    </datalist>
                  </div>
                  <div className="grid gap-1.5">
                    <p className="text-[0.8125rem] font-medium">
                      Beginning on{" "}
                      <span className="font-normal text-muted">
                        {draft.quietDays.length === 0 && "every day"}
                      </span>
                    </p>
                    <ToggleChips
                      label="Days of the quiet hours"
                      options={WEEKDAYS}
                      chosen={draft.quietDays}
                      onToggle={(day) =>
                        set({
                          quietDays: draft.quietDays.includes(day)
                            ? draft.quietDays.filter((other) => other !== day)
                            : [...draft.quietDays, day],
                        })
                      }
                    />
                    {error("quietDays") && (
                      <p role="alert" className="text-[0.8125rem] font-medium text-bad">
                        {error("quietDays")}
                      </p>
                    )}
                  </div>
                  <Check
                    label="What is of high priority goes out all the same"
                    checked={draft.passesQuietHours}
                    onChange={(passesQuietHours) => set({ passesQuietHours })}
                  />
                </>
              )}
            </fieldset>
            <div className="grid items-start gap-4 @xl:grid-cols-2">
              <TextField
                label="Most messages in 24 hours"
                inputMode="numeric"
                autoComplete="off"
                value={draft.dailyCap}
                error={error("dailyCap")}
                onChange={(event) => set({ dailyCap: event.target.value })}
              />
              <TextField
                label="Hours between two on one subject"
                inputMode="numeric"
                autoComplete="off"
                value={draft.cooldownHours}
                error={error("cooldownHours")}
                onChange={(event) => set({ cooldownHours: event.target.value })}
              />
            </div>
            <div className="grid gap-3">
              <Check
                label="Say it again after each such time for as long as it holds"
                checked={draft.repeats}
                onChange={(repeats) => set({ repeats })}
              />
              <Check
                label="Switched on"
                checked={draft.enabled}
                onChange={(enabled) => set({ enabled })}
              />
            </div>
            <Fault>{failure}</Fault>
            <div className="flex justify-end gap-2">
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" look="primary" busy={busy}>
                {rule ? "Save" : "Make the rule"}
              </Button>
            </div>
          </form>
        </LiquidGlassCard>
        <LiquidGlassCard
          title="What it would say now"
          hint={current ? "With the facts at present; nothing is sent" : "One moment…"}
          className="lg:sticky lg:top-20"
        >
          <RulePreview preview={preview} problem={problem} general={problems[""]} />
        </LiquidGlassCard>
      </div>
    </div>
  );
}
