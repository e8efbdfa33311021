/** The files that the gateway makes, fetched with the person's own token. */
import { endpoint } from "@/apollo/endpoint";
import { session } from "@/apollo/session";

export interface ExportFile {
  name: string;
  title: string;
  path: string;
}

export function formatOf({ path }: ExportFile): string {
  return (path.split(".").pop() ?? "").toUpperCase();
}

async function ask(path: string): Promise<Response> {
  const { token } = session.get();
  const response = await fetch(new URL(path, endpoint().http), {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  }).catch(() => {
    throw new Error("The gateway does not answer.");
  });
  if (response.ok) return response;
  if (response.status === 401) throw new Error("Your token is not taken: sign in again.");
  if (response.status === 403)
    throw new Error("Your role does not take this away. Ask an administrator if you should.");
  throw new Error((await sentence(response)) ?? `The gateway answered ${response.status}.`);
}

/** The gateway's own words, where it has some. */
async function sentence(response: Response): Promise<string | null> {
  try {
    const body = await response.json();
    const message = body?.message ?? body?.error?.message ?? body?.detail;
    return typeof message === "string" ? message : null;
  } catch {
    return null;
  }
}

export async function listExports(): Promise<ExportFile[]> {
  const body = (await (await ask("/api/v1/exports")).json()) as { exports: ExportFile[] };
  return body.exports;
}

export async function takeExport(file: ExportFile): Promise<void> {
  const blob = await (await ask(file.path)).blob();
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = file.path.split("/").pop() ?? file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
