import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

const GENERATED = join(import.meta.dirname, "..", "src", "gql", "graphql.ts");
const IMPORT = /import\s*\{([^}]*)\}\s*from\s*"@\/gql\/graphql";/g;
const OWN = "\0document:";

/** The generated documents by name, as JavaScript: each is one line of the generated file. */
export function documentsOf(generated: string): Map<string, string> {
  const line = /^export const (\w+Document) = (\{.*\}) as unknown as DocumentNode<.*$/gm;
  return new Map(
    [...generated.matchAll(line)].map(([, name, value]) => [
      String(name),
      `export const ${name} = ${value};`,
    ]),
  );
}

/** The same source with an import of its own for each document; types are gone after the build anyway. */
export function split(source: string): string {
  return source.replace(IMPORT, (_, names: string) =>
    names
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name && !name.startsWith("type "))
      .map((name) => `import { ${name} } from "${OWN.slice(1)}${name}";`)
      .join(""),
  );
}

/**
 * The generator writes all documents into one module, which every first load would carry
 * whole. In the build each is a module, and comes with the screen that asks it.
 */
export function splitDocuments(): Plugin {
  let documents = new Map<string, string>();
  return {
    name: "split-documents",
    apply: "build",
    enforce: "pre",
    buildStart() {
      documents = documentsOf(readFileSync(GENERATED, "utf8"));
    },
    transform(code, id) {
      if (!/\/src\/.*\.tsx?$/.test(id) || !code.includes('"@/gql/graphql"')) return;
      return { code: split(code), map: null };
    },
    resolveId(id) {
      return id.startsWith(OWN.slice(1)) ? `\0${id}` : undefined;
    },
    load(id) {
      if (!id.startsWith(OWN)) return;
      const found = documents.get(id.slice(OWN.length));
      if (!found) throw new Error(`The generated documents have no ${id.slice(OWN.length)}.`);
      return found;
    },
  };
}
