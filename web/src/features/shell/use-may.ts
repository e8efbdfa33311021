import { useQuery } from "@apollo/client/react";
import { ShellDocument } from "@/gql/graphql";

/** Whether the viewer has one of the roles. For a kind word only: the gateway decides. */
export function useMay(...roles: string[]): boolean {
  const { data } = useQuery(ShellDocument, { fetchPolicy: "cache-only" });
  return data ? data.viewer.roles.some((role) => roles.includes(role)) : true;
}
