import {
  RuleFiringsDocument,
  RuleFiringsUpdatedDocument,
  RulesDocument,
  RulesUpdatedDocument,
} from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** The first page of the firings: the query and its subscription must agree on it. */
export const FIRINGS_PAGE = 20;

export function RulesSubscriber() {
  useTopic(RulesUpdatedDocument, {}, (data, client) => {
    client.cache.updateQuery({ query: RulesDocument }, (known) =>
      known ? { ...known, rules: data.rulesUpdated } : undefined,
    );
  });
  useTopic(RuleFiringsUpdatedDocument, { first: FIRINGS_PAGE }, (data, client) => {
    client.cache.writeQuery({
      query: RuleFiringsDocument,
      variables: { first: FIRINGS_PAGE },
      data: { __typename: "Query", ruleFirings: data.ruleFiringsUpdated },
    });
  });
  return null;
}
