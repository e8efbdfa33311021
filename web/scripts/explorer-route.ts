import type { Plugin } from "vite";

/** In `vite dev`, /graphiql is the explorer's page, as the gateway serves it. */
export function explorerRoute(): Plugin {
  return {
    name: "explorer-route",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (/^\/graphiql\/?(\?|$)/.test(request.url ?? "")) request.url = "/explorer/index.html";
        next();
      });
    },
  };
}
