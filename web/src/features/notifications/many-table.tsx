/** The rows of a list with what stands in their way, or what became of them. */
import { CircleCheck } from "lucide-react";
import { useState } from "react";
import { type Column, CsvButton, DataTable } from "@/design/data-table";
import { ToggleChips } from "@/design/toggle-chips";
import type { Fault, ListRow } from "./many";

export interface Judged extends ListRow {
  /** Null: not known yet. */
  segments: number | null;
  /** In a word where nothing stands in its way; null: not known yet. */
  state: string | null;
}

const said = ({ column, message }: Fault) => (column ? `${column}: ${message}` : message);

const COLUMNS: Column<Judged>[] = [
  {
    key: "to",
    title: "To",
    value: (r) => r.to,
    cell: (r) => (
      <span className="font-medium tabular [overflow-wrap:anywhere] @2xl:whitespace-nowrap">
        {r.to.slice(0, 40) || "–"}
        <span className="block text-[0.8125rem] font-normal text-muted">row {r.row}</span>
      </span>
    ),
  },
  {
    key: "body",
    title: "Text",
    value: (r) => r.body,
    cell: (r) => <span className="line-clamp-2 [overflow-wrap:anywhere]">{r.body || "–"}</span>,
    className: "@2xl:w-2/5",
    wide: true,
  },
  {
    key: "segments",
    title: "Segments",
    numeric: true,
    value: (r) => r.segments,
    cell: (r) => r.segments ?? "–",
  },
  {
    key: "state",
    title: "State",
    wide: true,
    value: (r) => (r.faults.length > 0 ? r.faults.map(said).join(" ") : r.state),
    cell: (r) =>
      r.faults.length > 0 ? (
        <ul className="grid gap-0.5 text-bad">
          {r.faults.map((fault) => (
            <li key={said(fault)}>
              {fault.column && <code className="text-[0.8125rem]">{fault.column}</code>}{" "}
              {fault.message}
            </li>
          ))}
        </ul>
      ) : r.state === null ? (
        <span className="text-muted">being checked</span>
      ) : (
        <span className="inline-flex items-center gap-1 text-good">
          <CircleCheck aria-hidden className="size-3.5 shrink-0" />
          {r.state}
        </span>
      ),
  },
];

const CSV: Column<Judged>[] = [{ key: "row", title: "Row", value: (r) => r.row }, ...COLUMNS];

export function ManyTable({ rows, caption }: { rows: readonly Judged[]; caption: string }) {
  const [only, setOnly] = useState(false);
  const refused = rows.filter(({ faults }) => faults.length > 0);
  const some = refused.length > 0 && refused.length < rows.length;
  return (
    <>
      <div className="flex items-center justify-end gap-2 px-4 sm:px-5">
        {some && (
          <ToggleChips
            label="Rows"
            options={[{ value: "refused", label: "only those refused" }]}
            chosen={only ? ["refused"] : []}
            onToggle={() => setOnly(!only)}
          />
        )}
        <CsvButton name="texts" columns={CSV} rows={rows} />
      </div>
      <DataTable
        testId="many-table"
        caption={caption}
        stacked
        columns={COLUMNS}
        rows={only && some ? refused : rows}
        rowKey={({ row }) => String(row)}
      />
    </>
  );
}
