/** Server-side field errors in their places in a form. */
import type { FieldValues, Path, UseFormSetError } from "react-hook-form";
import { fieldName, type Problem } from "@/apollo/problem";

/** Puts each error at its field; answers what no field of this form could take, or null. */
export function showProblem<Values extends FieldValues>(
  problem: Problem,
  fields: readonly Path<Values>[],
  setError: UseFormSetError<Values>,
): string | null {
  const placed = problem.fields.filter(({ path }) => {
    const name = fieldName(path) as Path<Values>;
    const known = fields.includes(name);
    return known;
  });
  for (const { path, message } of placed)
    setError(fieldName(path) as Path<Values>, { type: "server", message });
  if (placed.length > 0 && placed.length === problem.fields.length) return null;
  return problem.message;
}

/** What is wrong, by the name of its field. */
export function byField(problem: Problem): Record<string, string> {
  return Object.fromEntries(problem.fields.map(({ path, message }) => [fieldName(path), message]));
}
