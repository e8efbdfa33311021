/** A list of texts: checked row by row as it is written, queued together, and what was refused left to be mended. */
import { useQuery } from "@apollo/client/react";
import { ArrowLeft, ListChecks } from "lucide-react";
import { type ChangeEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { keepDraft, keptDraft } from "@/apollo/drafts";
import { correlationId } from "@/apollo/links/http";
import { explain } from "@/apollo/problem";
import { transport } from "@/apollo/transport";
import { Button } from "@/design/button";
import { Fault, TextArea } from "@/design/field";
import { FileWell } from "@/design/file-well";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { ProgressBar } from "@/design/progress-bar";
import { Empty } from "@/design/states";
import { toast } from "@/design/toast";
import {
  type NotificationChannel,
  type NotificationPriority,
  NotificationQueueDocument,
  NotificationsPreviewDocument,
  type NotificationsPreviewQuery,
} from "@/gql/graphql";
import { formatCount, formatPrice } from "@/lib/money";
import { useStore } from "@/lib/store";
import { useSettled } from "@/lib/use-settled";
import { useDropTarget } from "../imports/drop-target";
import { decode } from "../imports/file";
import {
  faultsOf,
  fieldOf,
  inputsOf,
  LARGEST,
  type List,
  type ManyDraft,
  MOST,
  readList,
  type Shared,
  writeList,
} from "./many";
import { type Judged, ManyTable } from "./many-table";
import { instantOf } from "./notifications";
import { ChannelField, Timing } from "./shared-fields";
import { useSendMany } from "./use-notify";

type Preview = NotificationsPreviewQuery["notificationsPreview"];

const texts = (count: number) => `${formatCount(count)} ${count === 1 ? "text" : "texts"}`;
const KEPT = "many";
const fresh = (): ManyDraft => ({ key: correlationId(), text: "", common: "" });
const PLAIN = { channel: "SMS", sendAt: "", expiresAt: "", priority: "NORMAL" };

/** What the gateway says of the rows that can be read, a moment after one stopped typing. */
function useChecked(list: List, key: string, shared: Shared) {
  const readable = list.problem ? [] : list.rows.filter(({ faults }) => faults.length === 0);
  const inputs = inputsOf(readable, key, shared);
  const wanted = JSON.stringify(inputs);
  const settled = useSettled(wanted, 400);
  const { data, error, loading, refetch } = useQuery(NotificationsPreviewDocument, {
    variables: { inputs: JSON.parse(settled) },
    skip: settled === "[]",
    fetchPolicy: "no-cache",
    notifyOnNetworkStatusChange: true,
    context: { retry: false },
  });
  const current = settled === wanted && !loading && !error && inputs.length > 0;
  const preview = current ? (data?.notificationsPreview ?? null) : null;
  const places = new Map(readable.map(({ row }, index) => [row, index]));
  const rows = list.rows.map((row): Judged => {
    const item = preview?.items[places.get(row.row) ?? -1];
    if (!item) return { ...row, segments: null, state: null };
    const faults = faultsOf(item.userErrors, list.columns);
    return { ...row, faults, segments: item.segments, state: "ready" };
  });
  return {
    preview,
    rows,
    /** What can be queued. */
    inputs: inputs.filter((_, i) => preview?.items[i]?.userErrors.length === 0),
    problem: error && settled === wanted ? explain(error) : null,
    retry: () => void refetch().catch(() => {}),
  };
}

/** What is wrong with a time, once for all rows. */
function timeError(preview: Preview | null, name: "sendAt" | "expiresAt"): string | undefined {
  const errors = preview?.items.flatMap(({ userErrors }) => userErrors) ?? [];
  return errors.find(({ field }) => fieldOf(field) === name)?.message;
}

function Sums({ preview, left }: { preview: Preview; left: number }) {
  const facts: [string, string][] = [
    ["to queue", formatCount(preview.queued)],
    ["refused", formatCount(left)],
    [preview.segments === 1 ? "segment" : "segments", formatCount(preview.segments)],
    ["estimated cost", formatPrice(preview.price, preview.currency)],
  ];
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-3">
      {facts.map(([name, value]) => (
        <div key={name} className="flex flex-col-reverse">
          <dt className="text-[0.8125rem] text-muted">{name}</dt>
          <dd className="text-2xl font-[560] tracking-[-0.02em] tabular">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** How many of them at least are on their way: what waits may be others'. */
function Leaving({ queued }: { queued: number }) {
  const { data } = useQuery(NotificationQueueDocument, { fetchPolicy: "cache-only" });
  const queue = data?.notificationQueue;
  if (!queue) return null;
  const gone = Math.max(0, queued - queue.waiting - queue.scheduled);
  return (
    <div className="grid gap-1.5 text-[0.8125rem] text-muted">
      <ProgressBar label="Texts that have left the queue" share={gone / queued} />
      <p className="tabular">
        {gone === 0
          ? "None is known to have left the queue yet."
          : `${gone < queued ? "At least " : ""}${formatCount(gone)} of ${formatCount(queued)} have left the queue.`}
      </p>
    </div>
  );
}

/** The button that was pressed is gone: what came of it takes its place. */
function focused(element: HTMLElement | null): void {
  element?.focus();
}

interface Result {
  queued: number;
  rows: readonly Judged[];
}

export default function SendMany({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(() => keptDraft<ManyDraft>(KEPT) ?? fresh());
  const [common, setCommon] = useState(PLAIN);
  const [unread, setUnread] = useState<string | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const [result, setResult] = useState<Result | null>(null);
  const written = useRef<HTMLTextAreaElement>(null);
  const connection = useStore(transport.connection);
  const { run, busy } = useSendMany();

  const text = useDeferredValue(draft.text);
  const list = useMemo(() => readList(text, draft.common), [text, draft.common]);
  const shared: Shared = {
    channel: common.channel as NotificationChannel,
    sendAt: instantOf(common.sendAt),
    expiresAt: instantOf(common.expiresAt),
    priority: common.priority as NotificationPriority,
  };
  const { preview, rows, inputs, problem, retry } = useChecked(list, draft.key, shared);
  const refused = rows.filter(({ faults }) => faults.length > 0);

  // After a reload the same list has the same keys.
  useEffect(() => keepDraft(KEPT, draft.text || draft.common ? draft : null), [draft]);
  const change = (known: Partial<ManyDraft>) => {
    setUnread(null);
    setFailure(null);
    setResult(null);
    setDraft((before) => ({ ...before, ...known }));
  };
  const target = useMemo(
    () => ({
      title: "Drop it to send to many",
      about: "Recipients and texts, as CSV. You will see each row first.",
      take: async (file: File) => {
        if (file.size > LARGEST)
          return setUnread(
            `${file.name} is too large for ${MOST} texts. Split it, and send the parts.`,
          );
        const text = decode(await file.arrayBuffer());
        setUnread(null);
        setFailure(null);
        setResult(null);
        setDraft((before) => ({ ...before, text }));
      },
    }),
    [],
  );
  useDropTarget(target);

  const send = async () => {
    setFailure(null);
    const { data, problem: refusal } = await run({ inputs });
    if (!data)
      return setFailure(
        refusal?.code === "UNREACHABLE"
          ? "The gateway does not answer: it is not known whether they were queued. Sent again, none is queued twice."
          : (refusal?.message ?? null),
      );
    const { items, queued } = data.sendNotifications;
    const asked = new Map(inputs.map(({ idempotencyKey }, i) => [idempotencyKey, items[i]]));
    const outcome = rows.map((row): Judged => {
      const [input] = inputsOf([row], draft.key, shared);
      const item = row.faults.length > 0 ? undefined : asked.get(input?.idempotencyKey ?? "");
      if (!item) return row;
      return { ...row, faults: faultsOf(item.userErrors, list.columns), state: "queued" };
    });
    const left = outcome.filter(({ faults }) => faults.length > 0);
    setResult({ queued, rows: outcome });
    // What was refused is what is left to be mended; its keys stay, so that nothing goes twice.
    setDraft(left.length > 0 ? { ...draft, text: writeList(list, left) } : fresh());
    toast.done({ title: `${texts(queued)} queued`, detail: "Their way shows in the queue." });
  };

  const input = (name: "sendAt" | "expiresAt" | "priority" | "channel") => ({
    value: common[name],
    onChange: (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      setCommon((before) => ({ ...before, [name]: event.target.value })),
  });

  return (
    <>
      <LiquidGlassCard
        title="Send to many"
        hint={`Up to ${MOST} texts, queued together`}
        actions={
          <Button small look="bare" onClick={onClose}>
            <ArrowLeft aria-hidden className="size-3.5" />
            Notifications
          </Button>
        }
      >
        <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)] lg:gap-6">
          <div className="grid gap-4">
            <FileWell
              testId="many-drop"
              low
              title="Drop a CSV file here, or choose one"
              about="Or copy the rows of a spreadsheet into the list."
              onFile={(file) => void target.take(file)}
            />
            <Fault>{unread}</Fault>
            <TextArea
              ref={written}
              label="The list"
              hint="Recipients and texts, with a row of titles: to, text. Texts that have commas in double quotes."
              placeholder={
                'to,text\n+14155550123,The notice is due.\n+14155550124,"Two days, no more."'
              }
              spellCheck={false}
              className="min-h-52! font-mono text-[0.8125rem]! whitespace-pre"
              value={draft.text}
              error={list.problem ?? undefined}
              onChange={(event) => change({ text: event.target.value })}
            />
          </div>
          <div className="grid gap-4">
            <TextArea
              label="Text for rows without one (optional)"
              value={draft.common}
              onChange={(event) => change({ common: event.target.value })}
            />
            <ChannelField {...input("channel")} />
            <Timing
              errors={{
                sendAt: timeError(preview, "sendAt"),
                expiresAt: timeError(preview, "expiresAt"),
              }}
              fields={{
                sendAt: input("sendAt"),
                expiresAt: input("expiresAt"),
                priority: input("priority"),
              }}
            />
          </div>
        </div>
      </LiquidGlassCard>
      {result ? (
        <LiquidGlassCard title="What became of them" flush testId="many-result">
          <div className="grid gap-4 px-4 pb-3 sm:px-5">
            <p ref={focused} tabIndex={-1} role="status" className="font-medium outline-none">
              {texts(result.queued)} queued
              {result.rows.length > result.queued &&
                `, ${formatCount(result.rows.length - result.queued)} not: they are left in the list, to be mended`}
              .
            </p>
            {result.queued > 0 && <Leaving queued={result.queued} />}
            <div className="flex flex-wrap gap-2">
              <Button onClick={onClose}>See the queue</Button>
              <Button
                look="bare"
                onClick={() => {
                  setResult(null);
                  written.current?.focus();
                }}
              >
                {result.rows.length > result.queued ? "Mend the rest" : "Send another list"}
              </Button>
            </div>
          </div>
          <ManyTable caption="What became of the texts" rows={result.rows} />
        </LiquidGlassCard>
      ) : (
        <LiquidGlassCard
          title="Before anything is queued"
          hint={
            list.ignored.length > 0
              ? `Not used: ${list.ignored.join(", ")}`
              : "Each row is checked as it would be when it is sent"
          }
          flush
          testId="many-preview"
        >
          {list.rows.length === 0 ? (
            <Empty
              title="Nothing to check yet"
              icon={<ListChecks className="size-7" strokeWidth={1.5} />}
            >
              What each text takes and costs, and what stands in its way, shows here.
            </Empty>
          ) : (
            <>
              <div className="grid gap-4 px-4 pb-3 sm:px-5">
                <div role="status">
                  {preview ? (
                    <Sums preview={preview} left={refused.length} />
                  ) : problem ? (
                    <p className="text-sm text-bad">
                      The list could not be checked: {problem.message}{" "}
                      <Button small onClick={retry}>
                        Try again
                      </Button>
                    </p>
                  ) : (
                    <p className="text-sm text-muted">
                      {refused.length === list.rows.length
                        ? "No row can be queued as it is."
                        : list.problem
                          ? list.problem
                          : `${texts(list.rows.length)}: being checked…`}
                    </p>
                  )}
                </div>
                <Fault>{failure}</Fault>
                <div className="flex flex-wrap items-center gap-3">
                  <Button
                    look="primary"
                    busy={busy}
                    disabled={
                      inputs.length === 0 || text !== draft.text || connection === "offline"
                    }
                    onClick={() => void send()}
                  >
                    {busy
                      ? `Queuing ${texts(inputs.length)}…`
                      : inputs.length > 0
                        ? `Queue ${texts(inputs.length)}`
                        : "Nothing to queue yet"}
                  </Button>
                  {inputs.length > 0 && refused.length > 0 && (
                    <p className="text-[0.8125rem] text-muted">
                      {refused.length === 1 ? "The row that is" : "The rows that are"} refused{" "}
                      {refused.length === 1 ? "is" : "are"} left out, and can be mended afterwards.
                    </p>
                  )}
                </div>
              </div>
              <ManyTable caption="The texts of the list" rows={rows} />
            </>
          )}
        </LiquidGlassCard>
      )}
    </>
  );
}
