import { GuestUpdatedDocument } from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** In place of all others where the viewer is the vendor's: on every screen, so that each knows whether it is live. */
export default function GuestSubscriber() {
  useTopic(GuestUpdatedDocument, {});
  return null;
}
