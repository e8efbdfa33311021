import { GuestUpdatedDocument } from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** In place of all others where the viewer is the vendor's. */
export function GuestSubscriber() {
  useTopic(GuestUpdatedDocument, {});
  return null;
}
