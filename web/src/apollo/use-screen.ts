/** A screen's query: from the cache at once, from the gateway as well, polled when not live. */
import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useApolloClient, useQuery } from "@apollo/client/react";
import { useEffect } from "react";
import { toast } from "@/design/toast";
import { explain, type Problem } from "./problem";
import { refreshAll } from "./refresh";
import { usePollInterval } from "./transport";

export interface ScreenData<Data> {
  data: Data | undefined;
  /** Nothing to show yet. */
  loading: boolean;
  /** Nothing to show, and why. With data at hand a failure is a toast. */
  problem: Problem | null;
  retry: () => void;
  fetchMore: (variables: Record<string, unknown>) => Promise<unknown>;
}

export function useScreen<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables?: Variables,
  { skip = false }: { skip?: boolean } = {},
): ScreenData<Data> {
  const pollInterval = usePollInterval();
  const { data, previousData, loading, error, refetch, fetchMore } = useQuery(document, {
    variables: variables as never,
    pollInterval,
    skip,
  } as never);
  const shown = (data ?? previousData) as Data | undefined;
  const client = useApolloClient();
  const stale = error && shown ? error : undefined;
  useEffect(() => {
    if (!stale) return;
    const { message, detail } = explain(stale);
    toast.failed({
      id: "query-failed",
      title: message,
      detail,
      action: { label: "Retry", onClick: () => void refreshAll(client) },
    });
  }, [stale, client]);
  return {
    data: shown,
    loading: loading && !shown,
    problem: error && !shown ? explain(error) : null,
    retry: () => void refetch().catch(() => {}),
    fetchMore: (more) => fetchMore({ variables: more } as never),
  };
}
