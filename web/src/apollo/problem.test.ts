import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { expect, test } from "vitest";
import { explain, fieldName, fromUserErrors } from "./problem";

function refused(extensions: Record<string, unknown>, message = "No.") {
  return new CombinedGraphQLErrors({ errors: [{ message, extensions }] });
}

test("field errors keep their place and their hint", () => {
  const problem = explain(
    refused({
      code: "BAD_USER_INPUT",
      correlationId: "c-1",
      fields: [{ path: "input.to", message: "Not a number.", hint: "Write +1…" }],
    }),
  );
  expect(problem.fields).toEqual([{ path: "input.to", message: "Not a number. Write +1…" }]);
  expect(fieldName("input.to")).toBe("to");
  expect(fieldName("terms.2.tiers")).toBe("terms");
  expect(problem.detail).toBe("BAD_USER_INPUT · c-1");
});

test("a limit says when to try again", () => {
  expect(explain(refused({ code: "RATE_LIMITED", retryAfterMs: 4_200 }, "Too many.")).message).toBe(
    "Too many. Try again in 5 s.",
  );
});

test("no answer at all is unreachable, a proxy's page too", () => {
  expect(explain(new TypeError("Failed to fetch")).code).toBe("UNREACHABLE");
  const proxy = new ServerError("bad gateway", {
    response: new Response("<html>", { status: 502 }),
    bodyText: "<html>",
  });
  expect(explain(proxy).code).toBe("UNREACHABLE");
});

test("a status with a GraphQL body keeps the gateway's words", () => {
  const bodyText = JSON.stringify({
    errors: [{ message: "The token expired.", extensions: { code: "UNAUTHENTICATED" } }],
  });
  const error = new ServerError("401", {
    response: new Response(bodyText, { status: 401 }),
    bodyText,
  });
  expect(explain(error)).toMatchObject({ code: "UNAUTHENTICATED", message: "The token expired." });
});

test("a business refusal in a payload is the same shape; none is null", () => {
  expect(fromUserErrors([])).toBeNull();
  expect(fromUserErrors([{ code: "LOCKED", message: "Signed.", field: "status" }])).toEqual({
    code: "LOCKED",
    message: "Signed.",
    detail: "LOCKED",
    fields: [{ path: "status", message: "Signed." }],
  });
});
