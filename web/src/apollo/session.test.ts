import { expect, test } from "vitest";
import { endpoint } from "./endpoint";
import { schemaVersion } from "./schema-version";
import { userKey } from "./session";

test("a cache belongs to the subject of the token", () => {
  const payload = btoa(JSON.stringify({ sub: "user-7" })).replace(/=+$/, "");
  expect(userKey(`h.${payload}.s`)).toBe("user-7");
  expect(userKey(null)).toBe("local");
  expect(userKey("opaque")).toBe("token");
});

test("the endpoint is the page's own origin unless another one is configured", () => {
  expect(endpoint(undefined, "http://127.0.0.1:8000")).toEqual({
    http: "http://127.0.0.1:8000/graphql",
    socket: "ws://127.0.0.1:8000/graphql",
  });
  expect(endpoint("https://gateway.example/graphql", "http://x").socket).toBe(
    "wss://gateway.example/graphql",
  );
});

test("the bundle knows the version of its schema", () => {
  expect(schemaVersion).toMatch(/^[0-9a-f]{12}$/);
});
