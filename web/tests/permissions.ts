/** The mock refuses what the gateway refuses: root fields by the table in docs/security.md, and what a guest sees of a negotiation. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultFieldResolver, GraphQLError, type GraphQLSchema, isObjectType } from "graphql";

const GUEST = "vendor_guest";
const PAGE = join(import.meta.dirname, "..", "..", "docs", "security.md");

/** What is open to the vendor's people of the types that they reach. */
const FOR_GUESTS: Record<string, readonly string[]> = {
  Negotiation:
    "buyer currency dates id ladder name offer rounds status streams vendor version".split(" "),
  Offer: "createdAt from hash id round status terms title validUntil".split(" "),
  Health: ["schemaVersion", "status"],
  QualitativeTerm: ["clause", "id", "text", "topic"],
};

/** "Query.invoices" → the roles that may have it. */
function table(): Map<string, Set<string>> {
  const lines = readFileSync(PAGE, "utf8").split("\n");
  const head = lines.find((line) => line.startsWith("| field |"));
  const names = (head ?? "").split("|").map((cell) => cell.trim());
  return new Map(
    lines.flatMap((line) => {
      const field = /^\| `([A-Z]\w+\.\w+)` \|/.exec(line)?.[1];
      if (!field) return [];
      const cells = line.split("|").map((cell) => cell.trim());
      return [[field, new Set(names.filter((_, i) => cells[i] === "✓"))]];
    }),
  );
}

/** Guards every field of the schema; `roles` says whose turn it is. */
export function guard(schema: GraphQLSchema, roles: () => readonly string[]): void {
  const open = table();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith("__")) continue;
    const forGuests = FOR_GUESTS[type.name];
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      const allowed = open.get(name);
      if (!allowed && !forGuests) continue;
      const may = () =>
        allowed
          ? allowed.has("no role") || roles().some((role) => allowed.has(role))
          : forGuests?.includes(field.name) || !roles().every((role) => role === GUEST);
      const refuse = () => {
        throw new GraphQLError(`Your role may not have ${name}.`, {
          extensions: { code: "FORBIDDEN" },
        });
      };
      if (type.name === "Subscription")
        field.subscribe = (root, args, ...rest) =>
          may() ? defaultFieldResolver(root, args, ...rest) : refuse();
      else {
        const inner = field.resolve ?? defaultFieldResolver;
        field.resolve = (...args) => (may() ? inner(...args) : refuse());
      }
    }
  }
}
