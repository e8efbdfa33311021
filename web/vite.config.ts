import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { explorerRoute } from "./scripts/explorer-route";
import { serviceWorker } from "./scripts/service-worker";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const gateway = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss(), explorerRoute(), serviceWorker()],
  resolve: { alias: { "@": here("./src") } },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/graphql": { target: gateway, ws: true, changeOrigin: true },
      "/api": { target: gateway, changeOrigin: true },
    },
  },
  build: {
    manifest: true,
    target: ["chrome123", "edge123", "firefox128", "safari17.5"],
    chunkSizeWarningLimit: 5_000,
    rolldownOptions: {
      input: { index: here("./index.html"), explorer: here("./explorer/index.html") },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    maxWorkers: 2,
  },
});
