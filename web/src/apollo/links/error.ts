/** One failure concerns the whole page: we are not who we say. Screens and forms show their own. */
import { ErrorLink } from "@apollo/client/link/error";
import { explain } from "../problem";
import { refuse } from "../session";

export function createErrorLink(): ErrorLink {
  return new ErrorLink(({ error }) => {
    const { code, message } = explain(error);
    if (code === "UNAUTHENTICATED") refuse(message);
  });
}
