import { expect, test } from "vitest";
import { documentsOf, split } from "../scripts/split-documents";

test("each document of a screen is imported by itself, and types not at all", () => {
  expect(
    split('import {\n  type A,\n  BDocument,\n  CDocument,\n} from "@/gql/graphql";\nrest'),
  ).toBe(
    'import { BDocument } from "document:BDocument";import { CDocument } from "document:CDocument";\nrest',
  );
  expect(split('import type { A } from "@/gql/graphql";')).toBe(
    'import type { A } from "@/gql/graphql";',
  );
});

test("the generated documents are found by name, without their types", () => {
  const generated =
    'export const XFragmentDoc = {"kind":"Document"} as unknown as DocumentNode<XFragment, unknown>;\n' +
    'export const ADocument = {"kind":"Document"} as unknown as DocumentNode<AQuery, AQueryVariables>;\n';
  expect([...documentsOf(generated)]).toEqual([
    ["ADocument", 'export const ADocument = {"kind":"Document"};'],
  ]);
});
