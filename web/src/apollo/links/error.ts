/**
 * What everyone should know of a failed operation. Forms and screens show their own
 * errors; here only what concerns the whole page: who we are, and queries that failed.
 */
import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { ErrorLink } from "@apollo/client/link/error";
import { OperationTypeNode } from "graphql";
import { explain } from "../problem";
import { refuse } from "../session";

export interface Announce {
  /** A query failed. `retry` runs all active queries again. */
  queryFailed(title: string, detail: string): void;
}

export function createErrorLink(announce: Announce): ErrorLink {
  return new ErrorLink(({ error, operation }) => {
    const problem = explain(error);
    if (problem.code === "UNAUTHENTICATED") {
      refuse(problem.message);
      return;
    }
    if (operation.operationType !== OperationTypeNode.QUERY) return;
    if (operation.getContext().quiet) return;
    if (CombinedGraphQLErrors.is(error) || ServerError.is(error) || problem.code === "UNREACHABLE")
      announce.queryFailed(problem.message, problem.detail);
  });
}
