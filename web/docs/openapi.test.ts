import { expect, test } from "vitest";
import { type Document, endpoints, example, typeName } from "./openapi";

const document: Document = {
  info: { title: "t", version: "1" },
  paths: {
    "/api/v1/health": { get: { responses: {} } },
    "/api/v1/notifications/demo": { post: { responses: {} } },
  },
  components: {
    schemas: {
      Demo: {
        properties: {
          to: { anyOf: [{ type: "string" }, { type: "null" }] },
          channel: { enum: ["SMS"] },
          self: { $ref: "#/components/schemas/Demo" },
        },
      },
    },
  },
};

test("every path and method is listed", () => {
  expect(endpoints(document).map(({ method, path }) => `${method} ${path}`)).toEqual([
    "GET /api/v1/health",
    "POST /api/v1/notifications/demo",
  ]);
});

test("a body to start from has every property, and a schema of itself ends", () => {
  const body = example({ $ref: "#/components/schemas/Demo" }, document) as Record<string, unknown>;
  expect(body).toMatchObject({ to: null, channel: "SMS" });
  expect(JSON.stringify(body).length).toBeLessThan(500);
});

test("types are named in words", () => {
  expect(typeName({ type: "array", items: { $ref: "#/components/schemas/Demo" } })).toBe(
    "list of Demo",
  );
  expect(typeName({ anyOf: [{ type: "string" }, { type: "null" }] })).toBe("string or null");
});
