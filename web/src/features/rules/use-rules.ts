import { type Action, useAction } from "@/apollo/use-action";
import {
  DeleteRuleDocument,
  type DeleteRuleMutation,
  type DeleteRuleMutationVariables,
  EnableRuleDocument,
  type EnableRuleMutation,
  type EnableRuleMutationVariables,
  SaveRuleDocument,
  type SaveRuleMutation,
  type SaveRuleMutationVariables,
  TestRuleDocument,
  type TestRuleMutation,
  type TestRuleMutationVariables,
} from "@/gql/graphql";

export function useSaveRule(): Action<SaveRuleMutation, SaveRuleMutationVariables> {
  return useAction(SaveRuleDocument, (data) => data.saveRule);
}

export function useEnableRule(): Action<EnableRuleMutation, EnableRuleMutationVariables> {
  return useAction(EnableRuleDocument, (data) => data.enableRule);
}

export function useDeleteRule(): Action<DeleteRuleMutation, DeleteRuleMutationVariables> {
  return useAction(DeleteRuleDocument, (data) => data.deleteRule);
}

/** For whom nothing was queued is part of the answer, not a failure of the whole. */
export function useTestRule(): Action<TestRuleMutation, TestRuleMutationVariables> {
  return useAction(TestRuleDocument, () => ({ userErrors: [] }));
}
