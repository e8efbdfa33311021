/**
 * An answer over HTTP that was overtaken by a push may be older than it, and must not
 * overwrite it: such a query is asked again. A steady stream of pushes ends the asking.
 */
import { ApolloLink } from "@apollo/client/link";
import { OperationTypeNode } from "graphql";
import { defer, type Observable, of, switchMap } from "rxjs";
import type { Transport } from "../transport";

const TRIES = 3;

export function createFreshLink(transport: Pick<Transport, "pushes">): ApolloLink {
  return new ApolloLink((operation, forward) => {
    if (operation.operationType !== OperationTypeNode.QUERY) return forward(operation);
    const ask = (left: number): Observable<ApolloLink.Result> =>
      defer(() => {
        const before = transport.pushes;
        return forward(operation).pipe(
          switchMap((result) =>
            transport.pushes !== before && left > 1 ? ask(left - 1) : of(result),
          ),
        );
      });
    return ask(TRIES);
  });
}
