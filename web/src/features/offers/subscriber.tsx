import { OffersUpdatedDocument } from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** On the offers screen only: evaluations are dear. */
export function OffersSubscriber() {
  useTopic(OffersUpdatedDocument, {});
  return null;
}
