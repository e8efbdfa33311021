/** A subscription for its effect on the cache alone; begun again when it ended or was refused. */
import type { ApolloClient, OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useSubscription } from "@apollo/client/react";
import { useEffect, useRef } from "react";

const RESTART_AFTER = 20_000;

export function useTopic<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onData?: (data: Data, client: ApolloClient) => void,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The socket retries by itself; this is for a topic that ended or was refused.
  const restartLater = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => restart(), RESTART_AFTER);
  };
  const { restart } = useSubscription(document, {
    variables: variables as never,
    ignoreResults: true,
    onData: ({ data, client }: useSubscription.OnDataOptions<Data>) => {
      if (data.data) onData?.(data.data as Data, client);
    },
    onError: restartLater,
    onComplete: restartLater,
  } as never);
  useEffect(() => () => clearTimeout(timer.current), []);
}
