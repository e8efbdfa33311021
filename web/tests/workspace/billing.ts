/** Invoices and imported files in the mock gateway. */
import { GraphQLError } from "graphql";
import { page, type Row, type Topics, type Workspace } from "./page.ts";

function invoices(
  w: Workspace,
  args: {
    filter?: { search?: string; status?: string[] };
    first?: number;
    after?: string;
  },
) {
  const search = args.filter?.search?.toLowerCase();
  const status = args.filter?.status;
  const rows = w.state.empty
    ? []
    : w.state.invoices.filter(
        (i) =>
          (!search || String(i.number).toLowerCase().includes(search)) &&
          (!status?.length || status.includes(String(i.status))),
      );
  const currencies = [...new Set(rows.map((i) => String(i.currency)))];
  return {
    ...page(rows, args),
    totals: currencies.map((currency) => {
      const own = rows.filter((i) => i.currency === currency);
      const total = (pick: (i: Row) => unknown) =>
        own.reduce((sum, i) => sum + Number(pick(i) ?? 0), 0).toFixed(2);
      return {
        currency,
        amount: total((i) => i.amount),
        outstanding: total((i) => (i.status === "PAID" ? 0 : i.amount)),
        disputed: total((i) => i.disputedAmount),
        count: own.length,
      };
    }),
  };
}

function importRows(w: Workspace, input: { csv: string; dryRun?: boolean }) {
  const lines = input.csv.trim().split(/\r?\n/);
  const header = (lines[0] ?? "").split(",");
  const rows = lines.slice(1).flatMap((line, i) => {
    const cells = line.split(",");
    const errors: Row[] = [];
    if (cells.length > header.length)
      errors.push({
        row: i + 2,
        column: header[3] ?? null,
        message: `“${cells.slice(3, -2).join(",")}” is not an amount: write 1234.56 or "1,234.56".`,
      });
    if (/\d{4}-\d\d-3[2-9]|\d{4}-1[3-9]|\d{4}-02-3\d/.test(line))
      errors.push({ row: i + 2, column: "period_end", message: "There is no such day." });
    return errors;
  });
  const bad = new Set(rows.map((r) => r.row)).size;
  if (bad === 0 && !input.dryRun)
    w.bump(() => {
      w.state.extra += 1_250.25;
    });
  return {
    accepted: bad > 0 ? 0 : lines.length - 1,
    unchanged: 0,
    rejected: bad,
    restated: bad > 0 ? 0 : 1,
    listDelta: bad > 0 ? "0" : "0.83",
    currency: "USD",
    restatements:
      bad > 0
        ? []
        : [
            {
              day: "2026-11-02",
              sku: "sms-outbound-us",
              before: "1000",
              after: "1100",
              revision: 480,
              listDelta: "0.83",
            },
          ],
    warnings: [],
    rows,
    revision: bad === 0 && !input.dryRun ? w.state.revision : null,
    userErrors:
      bad === 0
        ? []
        : [
            {
              code: "ROWS_REFUSED",
              message: `Nothing was imported: ${bad} rows are at fault.`,
              field: null,
            },
          ],
  };
}

export function fields(w: Workspace): Row {
  const { state } = w;
  return {
    invoices: (args: Row) => invoices(w, args),
    importUsage: ({ input }: { input: { csv: string; dryRun?: boolean } }) => importRows(w, input),
    importInvoices: ({ input }: { input: { csv: string; dryRun?: boolean } }) =>
      importRows(w, input),
    disputeInvoice: ({ input }: { input: Row }) => {
      const invoice = state.invoices.find((i) => i.id === input.invoiceId);
      if (input.amount && Number(input.amount) > Number(invoice?.amount))
        throw new GraphQLError("More than was billed.", {
          extensions: {
            code: "BAD_USER_INPUT",
            fields: [{ path: "input.amount", message: `At most ${invoice?.amount}.` }],
          },
        });
      return {
        invoice: w.set(state.invoices, input.invoiceId, {
          status: "DISPUTED",
          disputedAmount: input.amount ?? invoice?.amount,
          disputedFindings: input.findings,
          disputeReason: input.reason,
        }),
        revision: state.revision,
        userErrors: [],
      };
    },
  };
}

/** The present value of each topic. */
export function topics(w: Workspace): Topics {
  return {
    invoicesUpdated: (args) => invoices(w, args),
  };
}
