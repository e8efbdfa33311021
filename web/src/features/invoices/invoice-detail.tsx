/** Under an invoice's row: what is wrong with it, and its lines. */
import { useQuery } from "@apollo/client/react";
import { CircleHelp } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { explain } from "@/apollo/problem";
import { Button, IconButton } from "@/design/button";
import { Money, Price } from "@/design/money";
import { SkeletonRows } from "@/design/skeleton";
import { type InvoiceForTableFragment, InvoiceLinesDocument } from "@/gql/graphql";
import { formatQuantity } from "@/lib/money";
import { word } from "../words";

const FindingWhy = lazy(() => import("./finding-why"));

export function canDispute({ status }: InvoiceForTableFragment): boolean {
  return status !== "DISPUTED" && status !== "CREDITED";
}

export function InvoiceDetail({
  invoice,
  onDispute,
}: {
  invoice: InvoiceForTableFragment;
  /** With the id of one finding: only that. */
  onDispute?: (finding?: string) => void;
}) {
  const { currency, findings } = invoice;
  const [asked, setAsked] = useState<string | null>(null);
  const { data, loading, error } = useQuery(InvoiceLinesDocument, {
    variables: { id: invoice.id },
  });
  const node = data?.node;
  const lines = node && "lines" in node ? node.lines : undefined;
  return (
    <div className="grid gap-4 bg-ink/3 px-4 py-4 sm:px-5">
      {invoice.disputeReason && (
        <p className="text-sm">
          <span className="text-muted">Disputed:</span> {invoice.disputeReason}
        </p>
      )}
      {findings.length > 0 && (
        <ul className="grid gap-1.5 text-sm">
          {findings.map((finding) => (
            <li
              key={finding.id}
              className="well flex flex-wrap items-baseline gap-x-4 gap-y-1 px-3.5 py-2"
            >
              <span className="min-w-0 grow basis-64">
                <span className="font-medium text-warn">{word(finding.code)}</span>
                {finding.line != null && <span className="text-muted"> line {finding.line}</span>}:{" "}
                {finding.message}
              </span>
              <span className="text-muted">
                billed <Money value={finding.billed} currency={currency} />
                {finding.expected != null && (
                  <>
                    , expected <Money value={finding.expected} currency={currency} />
                  </>
                )}
              </span>
              {finding.delta != null && (
                <strong className="font-semibold">
                  <Money value={finding.delta} currency={currency} />
                  <IconButton
                    label={`Why this number? ${word(finding.code)}`}
                    className="-my-2 ml-1 size-8"
                    onClick={() => setAsked(finding.id)}
                  >
                    <CircleHelp className="size-4" />
                  </IconButton>
                </strong>
              )}
              {onDispute && canDispute(invoice) && (
                <Button small onClick={() => onDispute(finding.id)}>
                  Dispute this
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {loading && !lines ? (
        <SkeletonRows rows={3} />
      ) : error && !lines ? (
        <p role="alert" className="text-sm text-bad">
          {explain(error).message}
        </p>
      ) : lines && lines.length > 0 ? (
        <div className="overflow-x-auto">
          <table className="w-full text-[0.8125rem]">
            <caption className="sr-only">Lines of {invoice.number}</caption>
            <thead>
              <tr className="text-muted">
                <th scope="col" className="py-1 pr-3 text-left font-medium">
                  #
                </th>
                <th scope="col" className="py-1 pr-3 text-left font-medium">
                  Description
                </th>
                <th scope="col" className="py-1 pr-3 text-right font-medium">
                  Quantity
                </th>
                <th scope="col" className="py-1 pr-3 text-right font-medium">
                  Unit price
                </th>
                <th scope="col" className="py-1 text-right font-medium">
                  Amount
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => {
                const suspect = findings.some((f) => f.line === line.number);
                return (
                  <tr key={line.number} className={suspect ? "text-warn" : ""}>
                    <td className="py-0.5 pr-3 text-muted tabular">{line.number}</td>
                    <td className="py-0.5 pr-3" title={line.sku ?? undefined}>
                      {line.description}
                    </td>
                    <td className="py-0.5 pr-3 text-right tabular">
                      {line.quantity == null ? "–" : formatQuantity(line.quantity)}
                    </td>
                    <td className="py-0.5 pr-3 text-right">
                      <Price value={line.unitPrice} currency={currency} />
                    </td>
                    <td className="py-0.5 text-right font-medium">
                      <Money value={line.amount} currency={currency} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : (
        <p className="text-sm text-muted">This invoice came without lines.</p>
      )}
      {onDispute && canDispute(invoice) && (
        // Where the table is narrow its rows have no button.
        <div data-print="no" className="@2xl:hidden">
          <Button small onClick={() => onDispute()}>
            Dispute this invoice
          </Button>
        </div>
      )}
      <Suspense fallback={null}>
        {asked && (
          <FindingWhy invoice={invoice.id} finding={asked} onClose={() => setAsked(null)} />
        )}
      </Suspense>
    </div>
  );
}
