// Which types a union or an interface can be: the cache matches fragments by it.
const { isAbstractType } = require("graphql");

module.exports.plugin = (schema) => {
  const possible = {};
  for (const type of Object.values(schema.getTypeMap()).sort((a, b) => (a.name < b.name ? -1 : 1)))
    if (isAbstractType(type) && !type.name.startsWith("__"))
      possible[type.name] = schema
        .getPossibleTypes(type)
        .map(({ name }) => name)
        .sort();
  return `${JSON.stringify(possible, null, 2)}\n`;
};
