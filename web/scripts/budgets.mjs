// Fails when the dashboard has grown past its budgets (gzip): the scripts and the styles
// that index.html loads before anything else, and what each screen or sheet adds to them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = join(import.meta.dirname, "..", "dist");
const FIRST_SCRIPTS = 160;
const FIRST_STYLES = 12;
const SCREEN = 40;

const manifest = JSON.parse(readFileSync(join(DIST, ".vite", "manifest.json"), "utf8"));
const kB = (bytes) => bytes / 1000;

function files(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk || found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const css of chunk.css ?? []) found.add(css);
  for (const next of chunk.imports ?? []) files(next, found);
  return found;
}

function weight(names) {
  let sum = 0;
  for (const name of names) sum += gzipSync(readFileSync(join(DIST, name)), { level: 9 }).length;
  return kB(sum);
}

const entry = files("index.html");
if (entry.size === 0) throw new Error("The manifest has no index.html: was the build changed?");
const rows = [
  ["first load, scripts", weight([...entry].filter((f) => f.endsWith(".js"))), FIRST_SCRIPTS],
  ["first load, styles", weight([...entry].filter((f) => f.endsWith(".css"))), FIRST_STYLES],
];
for (const key of Object.keys(manifest)) {
  if (!manifest[key].isDynamicEntry) continue;
  const own = [...files(key)].filter((file) => !entry.has(file));
  rows.push([key.replace("src/features/", ""), weight(own), SCREEN]);
}

let failed = false;
for (const [name, size, budget] of rows) {
  const over = size > budget;
  failed ||= over;
  console.log(`${over ? "✗" : "✓"} ${size.toFixed(1).padStart(6)} of ${budget} kB  ${name}`);
}
if (failed) {
  console.error("A budget is passed. See what grew in the report of `vite build`.");
  process.exit(1);
}
