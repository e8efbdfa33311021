/** The rules there are: what each watches, whom it tells, and its switch. */
import { BellRing } from "lucide-react";
import { useRef, useState } from "react";
import { correlationId } from "@/apollo/links/http";
import { announce } from "@/apollo/use-action";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { Dialog, DialogActions } from "@/design/dialog";
import { Empty } from "@/design/states";
import { toast } from "@/design/toast";
import type {
  RuleKindForEditorFragment as KindInfo,
  RuleForListFragment as Rule,
} from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { formatCount } from "@/lib/money";
import { word } from "../words";
import { quietWords } from "./rule-draft";
import { useDeleteRule, useEnableRule, useTestRule } from "./use-rules";

function Switch({ rule, may }: { rule: Rule; may: boolean }) {
  const { run, busy } = useEnableRule();
  const flip = async () => {
    const enabled = !rule.enabled;
    const { problem } = await run({ id: rule.id, enabled, version: rule.version });
    if (problem) return announce(problem, () => void flip());
    toast.done({ id: `rule-${rule.id}`, title: `${rule.name}: ${enabled ? "on" : "off"}` });
  };
  return (
    <button
      type="button"
      role="switch"
      aria-checked={rule.enabled}
      aria-label={`${rule.name}, switched on`}
      disabled={!may || busy}
      onClick={() => void flip()}
      className={cx(
        "relative h-6 w-10 shrink-0 rounded-full transition-colors disabled:opacity-60",
        rule.enabled ? "bg-accent" : "bg-ink/35",
      )}
    >
      <span
        aria-hidden
        className={cx(
          "absolute top-1 left-1 size-4 rounded-full bg-raised shadow-sm transition-transform",
          rule.enabled && "translate-x-4",
        )}
      />
    </button>
  );
}

function Actions({ rule, onOpen }: { rule: Rule; onOpen: () => void }) {
  const remove = useDeleteRule();
  const test = useTestRule();
  const [deleting, setDeleting] = useState(false);
  const key = useRef(correlationId());
  const tryOut = async () => {
    const { data, problem } = await test.run({ id: rule.id, idempotencyKey: key.current });
    if (problem) return announce(problem, () => void tryOut());
    key.current = correlationId();
    const left = data?.testRule.userErrors ?? [];
    const queued = data?.testRule.firing.notifications.length ?? 0;
    const told = {
      id: `rule-${rule.id}`,
      title:
        queued === 0
          ? "Nothing was queued"
          : `${formatCount(queued)} ${queued === 1 ? "text" : "texts"} queued, marked as a test`,
      detail: left.map((each) => each.message).join(" ") || undefined,
    };
    if (queued === 0) toast.failed(told);
    else toast.done(told);
  };
  const drop = async () => {
    const { problem } = await remove.run({ id: rule.id, version: rule.version });
    setDeleting(false);
    if (problem) return announce(problem);
    toast.done({ id: `rule-${rule.id}`, title: `${rule.name} is deleted` });
  };
  return (
    <span data-print="no" className="col-start-2 flex flex-wrap gap-1">
      <Button small onClick={onOpen}>
        Edit
      </Button>
      <Button small busy={test.busy} onClick={() => void tryOut()}>
        Send a test
      </Button>
      <Button small look="bare" onClick={() => setDeleting(true)}>
        Delete…
      </Button>
      {deleting && (
        <Dialog
          open
          onClose={() => setDeleting(false)}
          title={`Delete “${rule.name}”?`}
          description="It stops watching. What it said stays on record."
        >
          <DialogActions>
            <Button onClick={() => setDeleting(false)}>Keep it</Button>
            <Button look="danger" busy={remove.busy} onClick={() => void drop()}>
              Delete
            </Button>
          </DialogActions>
        </Dialog>
      )}
    </span>
  );
}

function Item({
  rule,
  info,
  may,
  onOpen,
}: {
  rule: Rule;
  info: KindInfo | undefined;
  may: boolean;
  onOpen: () => void;
}) {
  const now = useNow();
  const count = rule.recipients.length;
  return (
    <li
      data-testid="rule"
      data-state={rule.enabled ? "on" : "off"}
      className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-4 gap-y-2 px-4 py-3.5 sm:flex sm:flex-wrap sm:px-5"
    >
      <Switch rule={rule} may={may} />
      <div className="min-w-0 grow basis-72">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium [overflow-wrap:anywhere]">{rule.name}</span>
          <Chip>{info?.label ?? word(rule.kind)}</Chip>
          {rule.priority !== "NORMAL" && (
            <Chip tone={rule.priority === "HIGH" ? "accent" : "plain"}>{word(rule.priority)}</Chip>
          )}
        </p>
        <p className="mt-0.5 text-sm text-muted [overflow-wrap:anywhere]">{rule.text}</p>
        <p className="mt-0.5 text-[0.8125rem] text-muted">
          to{" "}
          {count === 0
            ? "the configured recipient"
            : count === 1
              ? rule.recipients[0]
              : `${formatCount(count)} recipients`}
          , {quietWords(rule.quietHours)}, at most {formatCount(rule.dailyCap)} a day ·{" "}
          {rule.lastFiredAt ? (
            <span title={formatInstant(rule.lastFiredAt)}>
              last said {formatAge(now - Date.parse(rule.lastFiredAt))} ago
            </span>
          ) : (
            "has said nothing yet"
          )}
        </p>
      </div>
      {may && <Actions rule={rule} onOpen={onOpen} />}
    </li>
  );
}

export function RuleList({
  rules,
  kinds,
  may,
  onOpen,
}: {
  rules: readonly Rule[];
  kinds: readonly KindInfo[];
  /** The viewer may change them. */
  may: boolean;
  onOpen: (id: string) => void;
}) {
  if (rules.length === 0)
    return (
      <Empty title="No rules yet" icon={<BellRing className="size-7" strokeWidth={1.5} />}>
        A rule watches a figure and texts who must know, once, when it leaves its bounds.
      </Empty>
    );
  return (
    <ul className="divide-y divide-line">
      {rules.map((rule) => (
        <Item
          key={rule.id}
          rule={rule}
          info={kinds.find(({ kind }) => kind === rule.kind)}
          may={may}
          onOpen={() => onOpen(rule.id)}
        />
      ))}
    </ul>
  );
}
