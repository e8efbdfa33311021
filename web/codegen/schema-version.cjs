// Writes the version of the SDL that the dashboard was built against: the
// SHA-256 of the committed file's bytes, and its first 12 hex digits.
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

module.exports.plugin = () => {
  const sdl = readFileSync(join(__dirname, "..", "..", "schema", "schema.graphql"));
  const sdlSha256 = createHash("sha256").update(sdl).digest("hex");
  return `${JSON.stringify({ version: sdlSha256.slice(0, 12), sdlSha256 }, null, 2)}\n`;
};
