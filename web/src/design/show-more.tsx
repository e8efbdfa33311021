import { Button } from "@/design/button";

interface Props {
  /** Of the list as far as it is known; nothing while it is not. */
  readonly page: { hasNextPage: boolean; endCursor?: string | null } | undefined;
  readonly fetchMore: (variables: { after: string | null }) => unknown;
}

/** Below a list that has more. */
export function ShowMore({ page, fetchMore }: Props) {
  if (!page?.hasNextPage) {
    return null;
  }
  return (
    <div className="p-3 text-center">
      <Button onClick={() => void fetchMore({ after: page.endCursor ?? null })}>Show more</Button>
    </div>
  );
}
