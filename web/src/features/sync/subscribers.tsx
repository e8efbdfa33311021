import {
  ConflictsDocument,
  ConflictsUpdatedDocument,
  TwilioImportUpdatedDocument,
} from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** How far an import is. */
export function ImportSubscriber() {
  useTopic(TwilioImportUpdatedDocument, {});
  return null;
}

/** The first page of what waits for a decision: the query and its subscription must agree on it. */
export const OPEN_CONFLICTS = { first: 20, open: true } as const;

export function ConflictsSubscriber() {
  useTopic(ConflictsUpdatedDocument, OPEN_CONFLICTS, (data, client) => {
    client.cache.writeQuery({
      query: ConflictsDocument,
      variables: OPEN_CONFLICTS,
      data: { __typename: "Query", conflicts: data.conflictsUpdated },
    });
  });
  return null;
}
