/** What an import did, or would do; and each row that stands in its way. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import type { ImportOutcomeFragment } from "@/gql/graphql";
import { formatDay } from "@/lib/dates";
import { formatCount, formatDelta, formatQuantity, formatSigned } from "@/lib/money";

type RowError = ImportOutcomeFragment["rows"][number];

const COLUMNS: Column<RowError>[] = [
  { key: "row", title: "Row", numeric: true, value: (e) => e.row, className: "w-20" },
  {
    key: "column",
    title: "Column",
    value: (e) => e.column,
    cell: (e) => (e.column ? <code className="text-[0.8125rem]">{e.column}</code> : "–"),
    className: "w-40",
  },
  { key: "message", title: "What is wrong", value: (e) => e.message },
];

type Restated = ImportOutcomeFragment["restatements"][number];

// List prices are in the currency of the negotiation; an import does not know it.
const PLAIN = "";

const RESTATED: Column<Restated>[] = [
  { key: "day", title: "Day", value: (r) => r.day, cell: (r) => formatDay(r.day) },
  { key: "sku", title: "SKU", value: (r) => r.sku },
  {
    key: "before",
    title: "Units before",
    numeric: true,
    value: (r) => r.before,
    cell: (r) => (r.before == null ? "–" : formatQuantity(r.before)),
  },
  {
    key: "after",
    title: "Units after",
    numeric: true,
    value: (r) => r.after,
    cell: (r) => (r.after == null ? "–" : formatQuantity(r.after)),
  },
  {
    key: "listDelta",
    title: "At list",
    numeric: true,
    value: (r) => r.listDelta,
    cell: (r) => formatSigned(r.listDelta, PLAIN),
  },
];

function Restatements({ outcome }: { outcome: ImportOutcomeFragment }) {
  const more = outcome.restated - outcome.restatements.length;
  return (
    <div className="well @container">
      <div className="flex items-center justify-between gap-3 pt-1 pr-2 pl-5">
        <h3 className="text-[0.8125rem] font-semibold">
          {outcome.restated === 1 ? "1 figure" : `${formatCount(outcome.restated)} figures`}{" "}
          restated: {formatDelta(outcome.listDelta, outcome.currency)} at list
        </h3>
        <CsvButton name="restated-usage" columns={RESTATED} rows={outcome.restatements} />
      </div>
      <DataTable
        testId="import-restated"
        caption="Usage that was restated"
        columns={RESTATED}
        rows={outcome.restatements}
        rowKey={(r) => `${r.day} ${r.sku}`}
      />
      {more > 0 && (
        <p className="px-5 pb-2 text-[0.8125rem] text-muted">
          And {formatCount(more)} more, which are in the sum.
        </p>
      )}
    </div>
  );
}

export function isClean(outcome: ImportOutcomeFragment): boolean {
  return outcome.rejected === 0 && outcome.rows.length === 0 && outcome.userErrors.length === 0;
}

function Count({ name, value }: { name: string; value: number }) {
  return (
    <div className="flex flex-col-reverse">
      <dt className="text-[0.8125rem] text-muted">{name}</dt>
      <dd className="text-2xl font-[560] tracking-[-0.02em] tabular">{formatCount(value)}</dd>
    </div>
  );
}

export function ImportResult({
  outcome,
  done,
}: {
  outcome: ImportOutcomeFragment;
  /** It was imported; else this is what would be. */
  done: boolean;
}) {
  const clean = isClean(outcome);
  return (
    <div
      role="status"
      className="grid gap-4"
      data-testid="import-result"
      data-state={clean ? (done ? "imported" : "ready") : "refused"}
    >
      <p className="flex items-start gap-2.5 font-medium">
        {clean ? (
          <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-good" />
        ) : (
          <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
        )}
        {clean
          ? done
            ? `Imported. Every screen has it now${outcome.revision == null ? "" : ` (revision ${outcome.revision})`}.`
            : "Every row is good. Nothing was changed yet."
          : outcome.rejected === 0
            ? "Nothing was imported."
            : `Nothing was imported: ${outcome.rejected === 1 ? "one row is refused" : `${formatCount(outcome.rejected)} rows are refused`}. Mend the file and drop it again.`}
      </p>
      <dl className="flex flex-wrap gap-x-10 gap-y-3">
        <Count name={done ? "rows taken" : "rows to take"} value={outcome.accepted} />
        <Count name="already there" value={outcome.unchanged} />
        <Count name="refused" value={outcome.rejected} />
      </dl>
      {/* With rows listed, the gateway's own verdict is what was just said. */}
      {(outcome.rows.length > 0 ? [] : outcome.userErrors).map((error) => (
        <p key={error.code + error.message} className="text-sm font-medium text-bad">
          {error.message}
        </p>
      ))}
      {outcome.warnings.length > 0 && (
        <ul className="grid gap-1 text-sm text-warn">
          {outcome.warnings.map((warning) => (
            <li key={warning.code + warning.message}>{warning.message}</li>
          ))}
        </ul>
      )}
      {outcome.restated > 0 && <Restatements outcome={outcome} />}
      {outcome.rows.length > 0 && (
        <div className="well @container">
          <div className="flex items-center justify-between pt-1 pr-2 pl-5">
            <h3 className="text-[0.8125rem] font-semibold">
              {outcome.rows.length === 1
                ? "1 problem"
                : `${formatCount(outcome.rows.length)} problems`}
            </h3>
            <CsvButton name="import-errors" columns={COLUMNS} rows={outcome.rows} />
          </div>
          <DataTable
            testId="import-errors"
            caption="Rows that were refused"
            columns={COLUMNS}
            rows={outcome.rows}
            rowKey={(e) => `${e.row} ${e.column} ${e.message}`}
          />
        </div>
      )}
    </div>
  );
}
