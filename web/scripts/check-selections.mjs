// Guard: every selection on a type that has an id selects it. Without its id an object is
// nobody in the cache, and no push can reach it.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { buildSchema, getNamedType, parse, TypeInfo, visit, visitWithTypeInfo } from "graphql";

const WEB = join(import.meta.dirname, "..");
const schema = buildSchema(readFileSync(join(WEB, "..", "schema", "schema.graphql"), "utf8"));
const files = readdirSync(join(WEB, "src"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".graphql"))
  .map((entry) => join(entry.parentPath, entry.name));
const documents = files.map((file) => [file, parse(readFileSync(file, "utf8"))]);
const fragments = new Map(
  documents.flatMap(([, document]) =>
    document.definitions
      .filter(({ kind }) => kind === "FragmentDefinition")
      .map((definition) => [definition.name.value, definition]),
  ),
);

function selectsId(selectionSet) {
  return selectionSet.selections.some((selection) => {
    if (selection.kind === "Field") return selection.name.value === "id" && !selection.alias;
    if (selection.kind === "InlineFragment") return selectsId(selection.selectionSet);
    const fragment = fragments.get(selection.name.value);
    return fragment ? selectsId(fragment.selectionSet) : false;
  });
}

const faults = [];
for (const [file, document] of documents) {
  const info = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(info, {
      SelectionSet(node, _key, parent) {
        const type = getNamedType(info.getParentType());
        // An inline fragment adds to a selection that is judged itself.
        if (!type?.getFields?.().id || parent?.kind === "InlineFragment") return;
        if (!selectsId(node))
          faults.push(
            `${relative(WEB, file)}: ${parent?.name?.value} selects ${type.name} without its id`,
          );
      },
    }),
  );
}
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
