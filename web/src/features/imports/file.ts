/** A dropped or chosen file on its way to the import screen. */
import { createStore } from "@/lib/store";

export type Kind = "usage" | "invoices";

export interface PendingFile {
  name: string;
  text: string;
  /** Bytes on disk. */
  size: number;
}

/** What a gateway takes unless it was set up to take more (MAX_BODY_BYTES). */
export const USUAL_LIMIT = 16 * 1024 * 1024;

export const pendingFile = createStore<PendingFile | null>(null);

/** Text of a CSV file as spreadsheets write them: UTF-8, UTF-16 with a mark, else Windows-1252. */
export function decode(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

export async function take(file: File): Promise<void> {
  pendingFile.set({
    name: file.name,
    text: decode(await file.arrayBuffer()),
    size: file.size,
  });
}

/** A guess by the header line; the reader can say otherwise. */
export function guessKind(text: string): Kind {
  const header = text.slice(0, 2_000).split(/\r?\n/, 1)[0]?.toLowerCase() ?? "";
  return /period|invoice|\bnumber\b|\bstatus\b/.test(header.replaceAll("_", " ")) &&
    !/category|usage|quantity|\bsku\b/.test(header.replaceAll("_", " "))
    ? "invoices"
    : "usage";
}

export function countRows(text: string): number {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "").length;
  return Math.max(0, lines - 1);
}
