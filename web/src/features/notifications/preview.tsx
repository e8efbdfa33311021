/** What the text that is being written takes and costs, and why it would not be queued now. */
import { useQuery } from "@apollo/client/react";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { explain } from "@/apollo/problem";
import { NotificationPreviewDocument, type NotificationPreviewQuery } from "@/gql/graphql";
import { formatCount, formatPrice } from "@/lib/money";
import { useSettled } from "@/lib/use-settled";

type Preview = NotificationPreviewQuery["notificationPreview"];

const ALPHABET: Record<string, string> = {
  GSM_7: "plain alphabet",
  UCS_2: "other alphabet: less fits",
};

/** "2 segments, 171 characters" */
export function measured({ segments, characters }: Preview): string {
  return `${formatCount(segments)} ${segments === 1 ? "segment" : "segments"}, ${formatCount(characters)} ${characters === 1 ? "character" : "characters"}`;
}

export function SendPreview({ body, to }: { body: string; to: string }) {
  const wanted = useSettled(JSON.stringify([body, to.trim() || null]));
  const [settledBody, settledTo] = JSON.parse(wanted) as [string, string | null];
  const { data, previousData, error } = useQuery(NotificationPreviewDocument, {
    variables: { body: settledBody, to: settledTo },
    skip: settledBody.trim() === "",
    fetchPolicy: "no-cache",
    context: { retry: false },
  });
  const preview = (data ?? previousData)?.notificationPreview;
  if (body.trim() === "") return null;
  if (error && !data)
    return (
      <p className="text-[0.8125rem] text-muted" data-testid="notification-preview">
        What it costs is not known now: {explain(error).message}
      </p>
    );
  if (!preview) return null;
  const { refusal } = preview;
  return (
    <div
      role="status"
      data-testid="notification-preview"
      data-state={refusal ? "refused" : "ready"}
      className="well grid gap-1.5 px-4 py-3 text-sm"
    >
      <p className="flex flex-wrap items-baseline justify-between gap-x-3">
        <span>
          {measured(preview)}{" "}
          <span className="text-muted" title={`${formatCount(preview.units)} units`}>
            ({ALPHABET[preview.encoding] ?? preview.encoding})
          </span>
        </span>
        <span className="font-medium tabular">{formatPrice(preview.price, preview.currency)}</span>
      </p>
      {refusal ? (
        <p className="flex items-start gap-1.5 text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          It would not be queued now: {refusal.message}
        </p>
      ) : (
        <p className="flex items-start gap-1.5 text-muted">
          <CircleCheck aria-hidden className="mt-0.5 size-3.5 shrink-0 text-good" />
          Nothing stands in its way.
        </p>
      )}
    </div>
  );
}
