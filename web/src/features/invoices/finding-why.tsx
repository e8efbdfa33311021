/** How re-rating came to what it expected of an invoice line. */
import { useQuery } from "@apollo/client/react";
import { explain } from "@/apollo/problem";
import { Dialog } from "@/design/dialog";
import { SkeletonRows } from "@/design/skeleton";
import { Refused } from "@/design/states";
import { FindingTracesDocument } from "@/gql/graphql";
import Why from "../negotiation/why";

export default function FindingWhy({
  invoice,
  finding,
  onClose,
}: {
  invoice: string;
  finding: string;
  onClose: () => void;
}) {
  const { data, error, refetch } = useQuery(FindingTracesDocument, {
    variables: { id: invoice },
    fetchPolicy: "no-cache",
  });
  const node = data?.node;
  const findings = node && "findings" in node ? node.findings : [];
  if (data)
    return <Why trace={findings.find(({ id }) => id === finding)?.trace ?? []} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} wide title="Why this number?">
      {error ? (
        <Refused
          problem={explain(error)}
          what="How this finding came to be"
          onRetry={() => void refetch().catch(() => {})}
        />
      ) : (
        <SkeletonRows rows={4} />
      )}
    </Dialog>
  );
}
