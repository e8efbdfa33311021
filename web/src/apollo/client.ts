/** The Apollo client with its links, its cache on disk and its way back to live. */
import { ApolloClient, ApolloLink } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { createCache } from "./cache";
import { endpoint } from "./endpoint";
import { createErrorLink } from "./links/error";
import { createFreshLink } from "./links/fresh";
import { createHttpLink } from "./links/http";
import { createRetryLink } from "./links/retry";
import { createSocket, type Socket } from "./links/socket";
import { openShelf, Persister } from "./persist";
import { refreshAll } from "./refresh";
import { schemaVersion } from "./schema-version";
import { session, userKey } from "./session";
import type { Connection, Transport } from "./transport";

const PROBE_EVERY = 4_000;

export interface Gateway {
  client: ApolloClient;
  socket: Socket;
  persister: Persister;
  /** Ask for everything on the screen again. */
  refresh(): Promise<void>;
}

export async function openGateway(transport: Transport): Promise<Gateway> {
  const { http, socket: socketUrl } = endpoint();
  const cache = createCache();
  const persister = new Persister(
    cache,
    await openShelf(),
    `${schemaVersion}:${userKey(session.get().token)}`,
  );
  const savedAt = await persister.restore();
  if (savedAt !== null) transport.restored(savedAt);

  const refresh = () => refreshAll(client);
  const socket = createSocket(socketUrl, transport, () => void refresh());
  const client = new ApolloClient({
    cache,
    link: ApolloLink.from([
      createErrorLink(),
      createRetryLink(),
      ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        socket.link,
        createFreshLink(transport).concat(createHttpLink(http, transport)),
      ),
    ]),
    defaultOptions: {
      watchQuery: { fetchPolicy: "cache-and-network", nextFetchPolicy: "cache-first" },
    },
    devtools: { enabled: import.meta.env.DEV },
  });

  cache.onChange = () => persister.touch();
  recover(transport, http, socket, refresh, () => void persister.flush());
  addEventListener("pagehide", () => void persister.flush());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void persister.flush();
    else socket.wake();
  });
  return { client, socket, persister, refresh };
}

/**
 * From live to polling: ask once, then the screens poll. Offline: knock, quietly, until
 * somebody answers; then ask again.
 */
function recover(
  transport: Transport,
  url: string,
  socket: Socket,
  refresh: () => Promise<void>,
  save: () => void,
): void {
  let probe: ReturnType<typeof setInterval> | undefined;
  const knock = async () => {
    if (document.visibilityState === "hidden") return;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: '{"query":"{__typename}"}',
        signal: AbortSignal.timeout(PROBE_EVERY),
      });
      if (response.status >= 502 && response.status <= 504) return;
      transport.answered();
      socket.wake();
    } catch {
      // Still away.
    }
  };
  transport.onChange = (now: Connection, before: Connection) => {
    clearInterval(probe);
    if (now === "offline") {
      save(); // a page that goes away now could not wait
      probe = setInterval(() => void knock(), PROBE_EVERY);
    }
    if (now === "polling" && before !== "connecting") void refresh();
  };
  addEventListener("online", () => {
    socket.wake();
    if (transport.connection.get() === "offline") void knock();
  });
}
