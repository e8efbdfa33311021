/** HTTP to the gateway, with the token and a correlation id, reporting whether it was reached. */
import { ServerError } from "@apollo/client/errors";
import { ApolloLink } from "@apollo/client/link";
import { SetContextLink } from "@apollo/client/link/context";
import { HttpLink } from "@apollo/client/link/http";
import { tap } from "rxjs";
import { session } from "../session";
import type { Transport } from "../transport";

const TIMEOUT = 15_000;
const GATEWAY_AWAY = new Set([502, 503, 504]);

export function isUnreachable(error: unknown): boolean {
  if (ServerError.is(error)) return GATEWAY_AWAY.has(error.statusCode);
  if (!(error instanceof Error)) return false;
  return error instanceof TypeError || error.name === "TimeoutError";
}

export function correlationId(): string {
  return (
    globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(16).slice(2)}`
  );
}

function fetchWithTimeout(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const signals = [AbortSignal.timeout(TIMEOUT), ...(init.signal ? [init.signal] : [])];
  return fetch(input, { ...init, signal: AbortSignal.any(signals) });
}

export function createHttpLink(url: string, transport: Transport): ApolloLink {
  const headers = new SetContextLink((previous) => {
    const { token } = session.get();
    return {
      headers: {
        ...(previous.headers as Record<string, string> | undefined),
        "x-correlation-id": correlationId(),
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
    };
  });
  const report = new ApolloLink((operation, forward) =>
    forward(operation).pipe(
      tap({
        next: () => transport.answered(),
        error: (error) => {
          if (isUnreachable(error)) transport.unreachable();
        },
      }),
    ),
  );
  return ApolloLink.from([headers, report, new HttpLink({ uri: url, fetch: fetchWithTimeout })]);
}
