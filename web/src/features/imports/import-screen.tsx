/** A CSV file of usage or invoices: first what it would do, then the import, all or nothing. */
import { useEffect, useRef, useState } from "react";
import { Link } from "wouter";
import { transport } from "@/apollo/transport";
import { announce } from "@/apollo/use-action";
import { Button, buttonClass } from "@/design/button";
import { FileWell } from "@/design/file-well";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { Forbidden } from "@/design/states";
import { toast } from "@/design/toast";
import { cx } from "@/lib/class-names";
import { formatCount, formatRows } from "@/lib/money";
import { useStore } from "@/lib/store";
import { ANALYSTS, useMay } from "../shell/use-may";
import { countRows, guessKind, type Kind, pendingFile, take, USUAL_LIMIT } from "./file";
import { ImportResult, isClean } from "./import-result";
import { type ImportResult as Result, useImport } from "./use-import";

const KINDS: { kind: Kind; title: string; about: string }[] = [
  {
    kind: "usage",
    title: "Daily usage",
    about:
      "A usage records export (category, start_date, end_date, usage, price …) or day, sku, quantity",
  },
  {
    kind: "invoices",
    title: "Invoices",
    about: "number, period_start, period_end, amount, currency, status",
  },
];

export default function ImportScreen() {
  const file = useStore(pendingFile);
  const connection = useStore(transport.connection);
  const { run, busy } = useImport();
  const [kind, setKind] = useState<Kind>("usage");
  const [result, setResult] = useState<Result | null>(null);
  const [done, setDone] = useState(false);
  const [insisted, setInsisted] = useState(false);
  const may = useMay(ANALYSTS);
  const latest = useRef(0);
  const large = file !== null && file.size > USUAL_LIMIT && !insisted;

  const rehearse = async (as: Kind) => {
    if (!file) return;
    latest.current += 1;
    const mine = latest.current;
    setKind(as);
    setDone(false);
    setResult(null);
    const answer = await run(as, file, true);
    if (mine === latest.current) setResult(answer);
  };

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each file
  useEffect(() => {
    setInsisted(false);
    if (file && file.size <= USUAL_LIMIT) void rehearse(guessKind(file.text));
    else setResult(null);
  }, [file]);

  const commit = async () => {
    if (!file) return;
    const answer = await run(kind, file, false);
    if (answer.problem) return announce(answer.problem, () => void commit());
    setResult(answer);
    if (answer.outcome && isClean(answer.outcome)) {
      setDone(true);
      toast.done({
        title: `${formatRows(answer.outcome.accepted)} imported`,
        detail: file.name,
      });
    }
  };

  if (!may)
    return (
      <LiquidGlassCard title="Import">
        <Forbidden what="Analysts, negotiators and administrators import" />
      </LiquidGlassCard>
    );
  return (
    <>
      <PageTitle>Import</PageTitle>
      <LiquidGlassCard
        title="Import"
        hint="A file is taken whole or not at all; rows that are there already are left as they are"
      >
        <FileWell
          testId="import-drop"
          title="Drop a CSV file here, or choose one"
          about="Dropping works on every screen. Nothing is changed before you say so."
          onFile={(chosen) => void take(chosen)}
        />
      </LiquidGlassCard>
      {file && (
        <LiquidGlassCard
          title={file.name}
          hint={formatRows(countRows(file.text))}
          actions={
            <Button small look="bare" onClick={() => pendingFile.set(null)}>
              Put away
            </Button>
          }
        >
          <fieldset className="mb-5 grid gap-2 sm:grid-cols-2">
            <legend className="sr-only">What the file is</legend>
            {KINDS.map((option) => (
              <label
                key={option.kind}
                className={cx(
                  "well flex cursor-pointer items-start gap-3 px-4 py-3",
                  kind === option.kind && "ring-2 ring-accent ring-inset",
                )}
              >
                <input
                  type="radio"
                  name="kind"
                  checked={kind === option.kind}
                  disabled={large}
                  onChange={() => void rehearse(option.kind)}
                  className="mt-1 accent-accent"
                />
                <span className="min-w-0">
                  <span className="block text-sm font-medium">{option.title}</span>
                  <span className="block text-[0.8125rem] text-muted">{option.about}</span>
                </span>
              </label>
            ))}
          </fieldset>
          {large ? (
            <div role="alert" className="grid justify-items-start gap-2 text-sm">
              <p className="font-medium text-warn">
                This file has {formatCount(Math.ceil(file.size / 1_048_576))} MB; a gateway takes 16
                MB at once unless it was set up for more.
              </p>
              <p className="text-muted">
                Split it, by month for example: what is there already is left as it is, so parts may
                overlap.
              </p>
              <Button
                small
                onClick={() => {
                  setInsisted(true);
                  void rehearse(guessKind(file.text));
                }}
              >
                Send it all the same
              </Button>
            </div>
          ) : result?.problem ? (
            <div role="alert" className="grid justify-items-start gap-2 text-sm">
              <p className="font-medium text-bad">{result.problem.message}</p>
              {result.problem.fields.map(({ path, message }) => (
                <p key={path + message}>{message}</p>
              ))}
              {result.problem.detail && <p className="text-muted">{result.problem.detail}</p>}
              <Button small onClick={() => void rehearse(kind)}>
                Try again
              </Button>
            </div>
          ) : result?.outcome ? (
            <>
              <ImportResult outcome={result.outcome} done={done} />
              <div className="mt-5 flex flex-wrap justify-end gap-2">
                {done ? (
                  <Link
                    href={kind === "usage" ? "/" : "/invoices"}
                    className={buttonClass("primary")}
                  >
                    {kind === "usage" ? "See the envelope" : "See the invoices"}
                  </Link>
                ) : (
                  <Button
                    look="primary"
                    busy={busy}
                    data-testid="import-commit"
                    disabled={
                      !isClean(result.outcome) ||
                      result.outcome.accepted === 0 ||
                      connection === "offline"
                    }
                    onClick={() => void commit()}
                  >
                    {result.outcome.accepted === 0
                      ? isClean(result.outcome)
                        ? "Nothing new in it"
                        : "Nothing to import yet"
                      : `Import ${formatRows(result.outcome.accepted)}`}
                  </Button>
                )}
              </div>
            </>
          ) : (
            <SkeletonRows rows={3} />
          )}
        </LiquidGlassCard>
      )}
    </>
  );
}
