import type { ApolloClient } from "@apollo/client";

/** Ask for everything on the screen again. Failures show where the data is shown. */
export async function refreshAll(client: ApolloClient): Promise<void> {
  await Promise.allSettled(client.refetchQueries({ include: "active" }).results);
}
