/**
 * The live socket (graphql-transport-ws). It tries for ever, with jitter, and at once
 * when something says that the way may be open again.
 */
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { type Client, createClient } from "graphql-ws";
import { session } from "../session";
import type { Transport } from "../transport";

const PING_EVERY = 10_000;
const PONG_WITHIN = 5_000;
const LONGEST_WAIT = 15_000;

export interface Socket {
  client: Client;
  link: GraphQLWsLink;
  /** Skip the rest of the present wait. */
  wake(): void;
}

export function createSocket(url: string, transport: Transport, onReconnected: () => void): Socket {
  let wake: () => void = () => {};
  let pongTimer: ReturnType<typeof setTimeout> | undefined;

  const client = createClient({
    url,
    keepAlive: PING_EVERY,
    connectionAckWaitTimeout: 10_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: (attempt) =>
      new Promise((resolve) => {
        const delay = Math.min(LONGEST_WAIT, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
        const timer = setTimeout(resolve, delay);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    connectionParams: () => {
      const { token } = session.get();
      return token ? { authorization: `Bearer ${token}` } : {};
    },
    on: {
      connected: (_socket, _payload, wasRetry) => {
        transport.socketOpened();
        if (wasRetry) onReconnected();
      },
      closed: () => {
        clearTimeout(pongTimer);
        transport.socketClosed();
      },
      message: ({ type }) => {
        if (type === "next") transport.pushed();
        else if (type === "pong") transport.answered();
      },
      // A half-open socket never says that it is dead: ask, and cut it when it is silent.
      ping: (received) => {
        if (received) return;
        pongTimer = setTimeout(() => client.terminate(), PONG_WITHIN);
      },
      pong: (received) => {
        if (received) clearTimeout(pongTimer);
      },
    },
  });

  return { client, link: new GraphQLWsLink(client), wake: () => wake() };
}
