/** The trace of an evaluation, fetched when somebody asks: it is long. */
import { useQuery } from "@apollo/client/react";
import { explain } from "@/apollo/problem";
import { Dialog } from "@/design/dialog";
import { SkeletonRows } from "@/design/skeleton";
import { Refused } from "@/design/states";
import { OfferTraceDocument } from "@/gql/graphql";
import Why from "../negotiation/why";

export default function OfferWhy({
  id,
  month,
  onClose,
}: {
  id: string;
  /** Of the months of the evaluation; without it, the figures of the whole term. */
  month?: string;
  onClose: () => void;
}) {
  const { data, error, refetch } = useQuery(OfferTraceDocument, {
    variables: { id, month: month ?? null },
    fetchPolicy: "no-cache",
  });
  const trace = data?.negotiation?.offer?.evaluation.trace;
  if (trace) return <Why trace={trace} onClose={onClose} />;
  return (
    <Dialog open onClose={onClose} wide title="Why this number?">
      {error ? (
        <Refused
          problem={explain(error)}
          what="How these figures came to be"
          onRetry={() => void refetch().catch(() => {})}
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Dialog>
  );
}
