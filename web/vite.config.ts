import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { pagesBesides } from "./scripts/pages-besides.ts";
import { serviceWorker } from "./scripts/service-worker.ts";
import { splitDocuments } from "./scripts/split-documents.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const gateway = "http://127.0.0.1:8000";

/**
 * Two builds into one dist, so that they share no chunks: the dashboard stays small, and
 * `--mode pages` adds the pages besides it (GraphiQL and the REST reference).
 */
export default defineConfig(({ mode }) => {
  const besides = mode === "pages";
  return {
    plugins: [
      splitDocuments(),
      react(),
      tailwindcss(),
      pagesBesides(),
      !besides && serviceWorker(),
    ],
    resolve: { alias: { "@": here("./src") } },
    // It starts workers, which must stay files of their own.
    optimizeDeps: {
      exclude: ["graphiql/setup-workers/vite", "@graphiql/react/setup-workers/vite"],
    },
    server: {
      host: "127.0.0.1",
      proxy: {
        "/graphql": { target: gateway, ws: true },
        "/api": { target: gateway },
        "/openapi.json": { target: gateway },
      },
    },
    build: {
      target: ["chrome123", "edge123", "firefox128", "safari17.5"],
      modulePreload: { polyfill: false },
      manifest: !besides,
      emptyOutDir: !besides,
      copyPublicDir: !besides,
      assetsDir: besides ? "assets/pages" : "assets",
      chunkSizeWarningLimit: 5_000,
      rolldownOptions: {
        input: besides
          ? { explorer: here("./explorer/index.html"), docs: here("./docs/index.html") }
          : here("./index.html"),
        // One file for what is loaded first: a chunk for every small module that is shared
        // would be dozens of requests, and compresses worse.
        output: besides
          ? {}
          : {
              codeSplitting: {
                groups: [
                  {
                    name: "initial",
                    tags: ["$initial"],
                    test: (id) => !/main\.tsx|index\.html/.test(id),
                  },
                ],
              },
            },
        // Directives of libraries for compilers that we do not use.
        checks: { moduleLevelDirective: false },
      },
    },
    test: {
      environment: "happy-dom",
      include: ["{src,tests,docs}/**/*.test.{ts,tsx}"],
      setupFiles: ["tests/setup.ts"],
      maxWorkers: 2,
    },
  };
});
