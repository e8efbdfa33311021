import { TwilioImportUpdatedDocument } from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** How far an import is. */
export function ImportSubscriber() {
  useTopic(TwilioImportUpdatedDocument, {});
  return null;
}
