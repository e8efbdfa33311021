// Subscribes with the client named and prints each result as a JSON line until `count` have come.
// node subscribe.mjs CLIENT URL COUNT QUERY      CLIENT: graphql-ws | graphql-sse | apollo-ws | apollo-multipart
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { createClient as createSse } from "graphql-sse";
import { createClient as createWs } from "graphql-ws";
import WebSocket from "ws";

const [kind, url, count, query] = process.argv.slice(2);
const socketUrl = url.replace(/^http/, "ws");
let left = Number(count);

function show(result) {
  console.log(JSON.stringify(result));
  left -= 1;
  if (left === 0) process.exit(0);
}

function fail(error) {
  console.error(error);
  process.exit(1);
}

const socket = () => createWs({ url: socketUrl, webSocketImpl: WebSocket, retryAttempts: 0 });
const sink = { next: show, error: fail, complete: () => console.log("complete") };

function apollo(link) {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  client.subscribe({ query: gql(query), fetchPolicy: "no-cache" }).subscribe({
    next: ({ data, error }) => (error ? fail(error) : show({ data })),
    error: fail,
    complete: () => console.log("complete"),
  });
}

switch (kind) {
  case "graphql-ws":
    socket().subscribe({ query }, sink);
    break;
  case "graphql-sse":
    createSse({ url, retryAttempts: 0 }).subscribe({ query }, sink);
    break;
  case "apollo-ws":
    apollo(new GraphQLWsLink(socket()));
    break;
  case "apollo-multipart":
    apollo(new HttpLink({ uri: url }));
    break;
  default:
    fail(`unknown client ${kind}`);
}
setTimeout(() => fail(`${left} results did not come in time`), 15000).unref();
