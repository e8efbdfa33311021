/** GraphiQL, served by ourselves: works without a network, speaks HTTP and graphql-transport-ws. */
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./explorer.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createClient } from "graphql-ws";
import { createRoot } from "react-dom/client";
import { endpoint } from "@/apollo/endpoint";
import { session } from "@/apollo/session";
import { EXAMPLES } from "./examples";

const { http, socket } = endpoint();

function authorization(): Record<string, string> {
  const { token } = session.get();
  return token ? { authorization: `Bearer ${token}` } : {};
}

const fetcher = createGraphiQLFetcher({
  url: http,
  wsClient: createClient({ url: socket, connectionParams: authorization }),
  fetch: (input, init) =>
    fetch(input, { ...init, headers: { ...authorization(), ...(init?.headers ?? {}) } }),
});

const root = document.getElementById("graphiql");
if (root)
  createRoot(root).render(
    <GraphiQL fetcher={fetcher} defaultTabs={EXAMPLES} defaultEditorToolsVisibility="variables">
      <GraphiQL.Logo>
        <a className="explorer-home" href="/">
          ← Dashboard
        </a>
      </GraphiQL.Logo>
    </GraphiQL>,
  );
