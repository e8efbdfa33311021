import type { Plugin } from "vite";

const PAGES: Record<string, string> = {
  "/graphiql": "/explorer/index.html",
  "/docs": "/docs/index.html",
};

/** In `vite dev`, the pages besides the dashboard are where the gateway serves them. */
export function pagesBesides(): Plugin {
  return {
    name: "pages-besides",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? "").split("?", 1)[0]?.replace(/\/$/, "") ?? "";
        const page = PAGES[path];
        if (page) request.url = page;
        next();
      });
    },
  };
}
