/** One shape for everything that can go wrong: what happened, where, and what to tell support. */
import { CombinedGraphQLErrors, ServerError } from "@apollo/client/errors";
import { isUnreachable } from "./links/http";

export interface FieldProblem {
  path: string;
  message: string;
}

export interface Problem {
  code: string;
  message: string;
  /** What else is known: the code, the correlation id. */
  detail: string;
  fields: FieldProblem[];
}

interface Extensions {
  code?: string;
  correlationId?: string;
  retryAfterMs?: number;
  currentVersion?: number;
  fields?: { path: string | (string | number)[]; message: string; hint?: string }[];
}

export interface UserError {
  code: string;
  message: string;
  field?: string | null;
}

function fieldsOf(extensions: Extensions): FieldProblem[] {
  return (extensions.fields ?? []).map(({ path, message, hint }) => ({
    path: Array.isArray(path) ? path.join(".") : path,
    message: hint ? `${message} ${hint}` : message,
  }));
}

/** The first error of a GraphQL answer, in words. */
function fromGraphQL(errors: CombinedGraphQLErrors): Problem {
  const first = errors.errors[0];
  const extensions = (first?.extensions ?? {}) as Extensions;
  const code = extensions.code ?? "ERROR";
  const wait = extensions.retryAfterMs
    ? ` Try again in ${Math.ceil(extensions.retryAfterMs / 1000)} s.`
    : "";
  return {
    code,
    message: `${first?.message ?? errors.message}${wait}`,
    detail: [code, extensions.correlationId].filter(Boolean).join(" · "),
    fields: errors.errors.flatMap((error) => fieldsOf((error.extensions ?? {}) as Extensions)),
  };
}

export function explain(error: unknown): Problem {
  if (CombinedGraphQLErrors.is(error)) return fromGraphQL(error);
  if (isUnreachable(error))
    return {
      code: "UNREACHABLE",
      message: "The gateway does not answer.",
      detail: "What you see is what was last known.",
      fields: [],
    };
  if (ServerError.is(error)) return fromServer(error);
  return {
    code: "ERROR",
    message: error instanceof Error ? error.message : String(error),
    detail: "",
    fields: [],
  };
}

/** An HTTP error status. The body is GraphQL's own where the gateway answered. */
function fromServer(error: ServerError): Problem {
  try {
    const { errors } = JSON.parse(error.bodyText);
    if (Array.isArray(errors) && errors.length > 0)
      return fromGraphQL(new CombinedGraphQLErrors({ errors }));
  } catch {
    // Not JSON: a proxy's page.
  }
  const code = error.statusCode === 401 ? "UNAUTHENTICATED" : `HTTP ${error.statusCode}`;
  return { code, message: `The gateway answered ${error.statusCode}.`, detail: code, fields: [] };
}

/** A business refusal in a payload, in the same shape. */
export function fromUserErrors(errors: readonly UserError[]): Problem | null {
  const [first] = errors;
  if (!first) return null;
  return {
    code: first.code,
    message: errors.map(({ message }) => message).join(" "),
    detail: first.code,
    fields: errors.flatMap(({ field, message }) => (field ? [{ path: field, message }] : [])),
  };
}

/** "input.to" and "to" mean the field `to`. */
export function fieldName(path: string): string {
  return path.split(".").filter((part) => part !== "input")[0] ?? path;
}
