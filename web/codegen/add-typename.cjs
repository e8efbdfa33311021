// Puts __typename into every selection, so that the stored documents are the
// very documents that the client sends.
const { addTypenameSelectionDocumentTransform } = require("@graphql-codegen/client-preset");

// The generator looks for an own, named export.
exports.transform = (options) => addTypenameSelectionDocumentTransform.transform(options);
