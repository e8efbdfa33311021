import { NotificationQueueUpdatedDocument } from "@/gql/graphql";
import { useTopic } from "../shell/use-topic";

/** Where the state of sending is on the screen. */
export function NotificationQueueSubscriber() {
  useTopic(NotificationQueueUpdatedDocument, {});
  return null;
}
