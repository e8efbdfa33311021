/** A list of recipients and texts as CSV or as a spreadsheet copies it: its rows, what is wrong with them, and the keys that queue each once. */
import Papa from "papaparse";
import type { SendNotificationInput } from "@/gql/graphql";

/** What one commit of the gateway takes. */
export const MOST = 500;
/** Of a file: more than 500 of the longest texts. */
export const LARGEST = 2 * 1024 * 1024;

export interface Fault {
  /** As the list names it, else as we do. */
  column: string;
  /** What is wrong and what to do. */
  message: string;
}

export interface ListRow {
  /** As a spreadsheet counts: its titles are row 1. */
  row: number;
  to: string;
  body: string;
  faults: readonly Fault[];
}

export interface List {
  rows: readonly ListRow[];
  /** The columns' names in the list. */
  columns: { to: string; body: string };
  /** Columns that mean nothing here. */
  ignored: readonly string[];
  /** What keeps the whole list from being read. */
  problem: string | null;
}

const TO = new Set(["to", "recipient", "phone", "phone number", "number", "mobile", "tel"]);
const BODY = new Set(["body", "text", "message", "sms"]);
const EMPTY: List = { rows: [], columns: { to: "to", body: "text" }, ignored: [], problem: null };

const name = (cell: string) => cell.trim().toLowerCase().replaceAll("_", " ");
const plain = (number: string) => number.replace(/[\s().-]/g, "");

/** The first of the usual ones that is outside quotation marks. */
function delimiterOf(text: string): string {
  return /^\s*(?:"[^"]*"|[^",;\t\r\n])*([,;\t])/.exec(text)?.[1] ?? ",";
}

/** `common`: the text of the rows without one. */
export function readList(text: string, common: string): List {
  if (text.trim() === "") return EMPTY;
  const { data, errors } = Papa.parse<string[]>(text, { delimiter: delimiterOf(text) });
  const open = new Set(errors.filter(({ type }) => type === "Quotes").map(({ row }) => row));
  const records = data
    .map((cells, i) => ({ row: i + 1, cells, torn: open.has(i) }))
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  const first = records[0]?.cells ?? [];
  const titles = first.map(name);
  const titled = titles.some((title) => TO.has(title));
  if (!titled && first.length > 2)
    return {
      ...EMPTY,
      problem: `The first row has ${first.length} cells. Begin with a row of titles, to and text, and put a text that has commas in double quotes.`,
    };
  const at = titled
    ? { to: titles.findIndex((t) => TO.has(t)), body: titles.findIndex((t) => BODY.has(t)) }
    : { to: 0, body: 1 };
  const columns = titled
    ? { to: first[at.to]?.trim() ?? "to", body: first[at.body]?.trim() ?? "text" }
    : EMPTY.columns;
  const seen = new Map<string, number>();
  const rows = (titled ? records.slice(1) : records).map(({ row, cells, torn }): ListRow => {
    const to = cells[at.to]?.trim() ?? "";
    const body = (cells[at.body] ?? "").trim() || common.trim();
    const faults: Fault[] = [];
    if (torn)
      faults.push({
        column: columns.body,
        message:
          "A quotation mark is not closed, or stands in the middle. Double it inside a text.",
      });
    else if (cells.slice(Math.max(2, first.length)).some((cell) => cell.trim() !== ""))
      faults.push({
        column: columns.body,
        message: `The row has ${cells.length} cells. Put a text that has commas in double quotes.`,
      });
    if (to === "")
      faults.push({ column: columns.to, message: "Empty. Write the number, as +14155550123." });
    if (body === "")
      faults.push({ column: columns.body, message: "Empty. Write it, or give a text for all." });
    const same = JSON.stringify([plain(to), body]);
    const before = seen.get(same);
    if (faults.length === 0 && before !== undefined)
      faults.push({
        column: columns.to,
        message: `The same as row ${before}: it is queued once. Take one away.`,
      });
    else seen.set(same, row);
    return { row, to, body, faults };
  });
  const ignored = titled
    ? first.filter((cell, i) => cell.trim() !== "" && i !== at.to && i !== at.body)
    : [];
  return { rows, columns, ignored, problem: tooMany(rows.length) };
}

function tooMany(count: number): string | null {
  if (count <= MOST) return null;
  return `The list has ${count} rows; ${MOST} can be queued at once. Send the first ${MOST}, then the rest.`;
}

/** Rows as a list again, for mending them. */
export function writeList({ columns }: List, rows: readonly ListRow[]): string {
  return Papa.unparse({
    fields: [columns.to, columns.body],
    data: rows.map(({ to, body }) => [to, body]),
  });
}

/** Two hashes of 32 bits: enough to tell the texts of one list apart. */
function fingerprint(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9dc5811c];
  for (let i = 0; i < text.length; i += 1) {
    a = Math.imul(a ^ text.charCodeAt(i), 0x01000193);
    b = Math.imul(b ^ text.charCodeAt(i), 0x01000197);
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

export type Shared = Pick<SendNotificationInput, "channel" | "sendAt" | "expiresAt" | "priority">;

/**
 * What is asked of the gateway. A key is of the list and of what is sent to whom: whatever else is
 * mended, and however often it is asked, what was queued is not queued again.
 */
export function inputsOf(
  rows: readonly ListRow[],
  list: string,
  shared: Shared,
): SendNotificationInput[] {
  return rows.map(({ to, body }) => ({
    ...shared,
    to,
    body,
    idempotencyKey: `${list}-${fingerprint(JSON.stringify([shared.channel, plain(to), body]))}`,
  }));
}

/** "inputs.3.sendAt" → "sendAt" */
export function fieldOf(path: string | null | undefined): string | null {
  return path?.split(".")[2] ?? null;
}

/** What the gateway says of a row, at the column it is about. */
export function faultsOf(
  errors: readonly { message: string; field?: string | null }[],
  columns: List["columns"],
): Fault[] {
  return errors.map(({ message, field }) => {
    const at = fieldOf(field);
    return { column: at === "to" || at === "body" ? columns[at] : "", message };
  });
}

export interface ManyDraft {
  /** Of all the keys of this list. */
  key: string;
  text: string;
  common: string;
}
