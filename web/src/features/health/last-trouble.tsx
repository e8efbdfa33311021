import type { ComponentForHealthFragment } from "@/gql/graphql";

/** What last went wrong, where the component does not say it already: it may be over. */
export function LastTrouble({
  component: { message, lastError },
}: {
  component: Pick<ComponentForHealthFragment, "message" | "lastError">;
}) {
  if (!lastError || message.includes(lastError.message)) return null;
  return (
    <p className="text-[0.8125rem] text-muted">
      Last trouble: {lastError.message} ({lastError.code})
    </p>
  );
}
