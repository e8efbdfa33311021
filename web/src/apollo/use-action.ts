/** A mutation as a form or a button needs it: its problem in one shape, never an exception. */
import type { OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { toast } from "@/design/toast";
import { explain, fromUserErrors, type Problem, type UserError } from "./problem";

export interface Outcome<Data> {
  data: Data | null;
  problem: Problem | null;
}

export interface Action<Data, Variables> {
  run: (variables: Variables) => Promise<Outcome<Data>>;
  busy: boolean;
}

/** `payload` picks the part of the answer that carries `userErrors`. */
export function useAction<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  payload: (data: Data) => { userErrors: readonly UserError[] },
): Action<Data, Variables> {
  const [mutate] = useMutation(document);
  const [busy, setBusy] = useState(false);
  const run = async (variables: Variables): Promise<Outcome<Data>> => {
    setBusy(true);
    try {
      const { data } = await mutate({ variables } as never);
      const answer = data as Data;
      const problem = fromUserErrors(payload(answer).userErrors);
      return { data: problem ? null : answer, problem };
    } catch (error) {
      return { data: null, problem: explain(error) };
    } finally {
      setBusy(false);
    }
  };
  return { run, busy };
}

/** For a button without a form: the problem goes to a toast, with a way to try again. */
export function announce(problem: Problem, retry?: () => void): void {
  toast.failed({
    id: `action-${problem.code}`,
    title:
      problem.code === "UNREACHABLE" ? "Not done: the gateway does not answer." : problem.message,
    detail:
      problem.code === "UNREACHABLE" ? "Nothing was changed as far as we know." : problem.detail,
    action: retry && { label: "Retry", onClick: retry },
  });
}
