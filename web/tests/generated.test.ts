// @vitest-environment node
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema, parse, validate } from "graphql";
import { expect, test } from "vitest";
import persisted from "../src/gql/persisted-documents.json";
import version from "../src/gql/schema-version.json";

const sdl = readFileSync(join(import.meta.dirname, "..", "..", "schema", "schema.graphql"));

test("the embedded version is the hash of the committed SDL", () => {
  const sha = createHash("sha256").update(sdl).digest("hex");
  expect(version).toEqual({ version: sha.slice(0, 12), sdlSha256: sha });
});

test("every stored document is valid against the SDL and stored under its own hash", () => {
  const schema = buildSchema(sdl.toString("utf8"));
  for (const [name, document] of Object.entries(persisted)) {
    expect(validate(schema, parse(document))).toEqual([]);
    expect(name).toBe(`sha256:${createHash("sha256").update(document).digest("hex")}`);
  }
});
