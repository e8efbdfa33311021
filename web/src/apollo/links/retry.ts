/**
 * Tries a query again when the gateway was not reached. Never a mutation: it may have
 * been done all the same (sending again by hand uses the same idempotency key).
 */
import { RetryLink } from "@apollo/client/link/retry";
import { OperationTypeNode } from "graphql";
import { isUnreachable } from "./http";

export function createRetryLink(): RetryLink {
  return new RetryLink({
    delay: { initial: 300, max: 3_000, jitter: true },
    attempts: (attempt, operation, error) =>
      attempt < 3 &&
      operation.operationType === OperationTypeNode.QUERY &&
      isUnreachable(error) &&
      operation.getContext().retry !== false,
  });
}
