/** A screen's query: from the cache at once, from the gateway as well, polled when not live. */
import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { explain, type Problem } from "./problem";
import { usePollInterval } from "./transport";

export interface ScreenData<Data> {
  data: Data | undefined;
  /** Nothing to show yet. */
  loading: boolean;
  /** Nothing to show, and why. With data at hand a failure is the page's business, not the screen's. */
  problem: Problem | null;
  retry: () => void;
  fetchMore: (variables: Record<string, unknown>) => Promise<unknown>;
}

export function useScreen<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables?: Variables,
): ScreenData<Data> {
  const pollInterval = usePollInterval();
  const { data, previousData, loading, error, refetch, fetchMore } = useQuery(document, {
    variables: variables as never,
    pollInterval,
  } as never);
  const shown = (data ?? previousData) as Data | undefined;
  return {
    data: shown,
    loading: loading && !shown,
    problem: error && !shown ? explain(error) : null,
    retry: () => void refetch().catch(() => {}),
    fetchMore: (more) => fetchMore({ variables: more } as never),
  };
}
