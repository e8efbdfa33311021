import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/**
 * Writes dist/sw.js: src/service-worker.js with the list of the dashboard's own files.
 * The explorer's files are large and are kept when first asked for.
 */
export function serviceWorker(): Plugin {
  let root = "";
  return {
    name: "service-worker",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const wanted = new Set<string>();
      const walk = (fileName: string) => {
        const chunk = bundle[fileName];
        if (wanted.has(fileName) || chunk?.type !== "chunk") return;
        wanted.add(fileName);
        for (const next of [...chunk.imports, ...chunk.dynamicImports]) walk(next);
        const { importedCss, importedAssets } = chunk.viteMetadata ?? {};
        for (const asset of [...(importedCss ?? []), ...(importedAssets ?? [])]) wanted.add(asset);
      };
      for (const chunk of Object.values(bundle))
        if (chunk.type === "chunk" && chunk.isEntry && chunk.name === "index") walk(chunk.fileName);
      for (const fileName of Object.keys(bundle))
        if (/geist-latin-wght.*\.woff2$/.test(fileName)) wanted.add(fileName);

      const files = [
        "/",
        "/icon.svg",
        "/manifest.webmanifest",
        ...[...wanted].sort().map((fileName) => `/${fileName}`),
      ];
      const source = readFileSync(join(root, "src", "service-worker.js"), "utf8");
      const version = createHash("sha256")
        .update(source + files.join())
        .digest("hex")
        .slice(0, 12);
      this.emitFile({
        type: "asset",
        fileName: "sw.js",
        source: source
          .replace("__VERSION__", version)
          .replace('["__FILES__"]', JSON.stringify(files)),
      });
    },
  };
}
