/** The part of an OpenAPI document that the reference shows. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  format?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  allOf?: Schema[];
  default?: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: Schema;
}

export interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: Schema }> };
  responses: Record<
    string,
    { description?: string; content?: Record<string, { schema?: Schema }> }
  >;
}

export interface Document {
  info: { title: string; summary?: string; description?: string; version: string };
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

export interface Endpoint {
  method: string;
  path: string;
  operation: Operation;
}

const METHODS = ["get", "post", "put", "patch", "delete"];

export function endpoints(document: Document): Endpoint[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ method: method.toUpperCase(), path, operation }] : [];
    }),
  );
}

/** A schema in a few words: "string", "list of Invoice", "Decimal or null". */
export function typeName(schema: Schema | undefined): string {
  if (!schema) return "anything";
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? schema.$ref;
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const several = schema.anyOf ?? schema.allOf;
  if (several) return several.map(typeName).join(" or ");
  if (schema.type === "array") return `list of ${typeName(schema.items)}`;
  if (Array.isArray(schema.type)) return schema.type.join(" or ");
  return [schema.type ?? "anything", schema.format && `(${schema.format})`]
    .filter(Boolean)
    .join(" ");
}

/** The object behind a reference, or behind a choice between it and nothing. */
export function resolve(schema: Schema | undefined, document: Document): Schema | undefined {
  if (schema?.anyOf) return resolve(schema.anyOf[0], document);
  return schema?.$ref ? document.components?.schemas?.[typeName(schema)] : schema;
}

/** A body to start from: every property with a value of its kind, or null where that will do. */
export function example(schema: Schema | undefined, document: Document, depth = 0): unknown {
  if (!schema || depth > 4) return null;
  if (schema.$ref)
    return example(document.components?.schemas?.[typeName(schema)], document, depth + 1);
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return example(schema.anyOf[0], document, depth + 1);
  if (schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, own]) => [
        name,
        own.anyOf?.some((each) => each.type === "null") ? null : example(own, document, depth + 1),
      ]),
    );
  if (schema.type === "array") return [];
  if (schema.type === "boolean") return false;
  if (schema.type === "integer" || schema.type === "number") return 0;
  return "";
}
