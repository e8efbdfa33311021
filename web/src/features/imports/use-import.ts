import type { Problem } from "@/apollo/problem";
import { useAction } from "@/apollo/use-action";
import {
  ImportInvoicesDocument,
  type ImportOutcomeFragment,
  ImportUsageDocument,
} from "@/gql/graphql";
import type { Kind, PendingFile } from "./file";

export interface ImportResult {
  outcome: ImportOutcomeFragment | null;
  problem: Problem | null;
}

/** Both imports as one: refused rows are in the outcome, whatever else went wrong is a problem. */
export function useImport(): {
  run: (kind: Kind, file: PendingFile, dryRun: boolean) => Promise<ImportResult>;
  busy: boolean;
} {
  // Row errors come with userErrors beside them: the outcome is wanted all the same.
  const usage = useAction(ImportUsageDocument, () => ({ userErrors: [] }));
  const invoices = useAction(ImportInvoicesDocument, () => ({ userErrors: [] }));
  return {
    busy: usage.busy || invoices.busy,
    run: async (kind, file, dryRun) => {
      const variables = { input: { csv: file.text, filename: file.name, dryRun } };
      if (kind === "usage") {
        const { data, problem } = await usage.run(variables);
        return { outcome: data?.importUsage ?? null, problem };
      }
      const { data, problem } = await invoices.run(variables);
      return { outcome: data?.importInvoices ?? null, problem };
    },
  };
}
