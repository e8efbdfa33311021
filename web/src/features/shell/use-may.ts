import { useQuery } from "@apollo/client/react";
import { session } from "@/apollo/session";
import { ViewerDocument } from "@/gql/graphql";
import { useStore } from "@/lib/store";

/** Who may do what, by the gateway's table of permissions. */
export const DECIDERS = ["negotiator", "approver", "admin"] as const;
export const APPROVERS = ["approver", "admin"] as const;
export const NEGOTIATORS = ["negotiator", "admin"] as const;
export const ANALYSTS = ["analyst", "negotiator", "admin"] as const;
export const STAFF = ["analyst", "negotiator", "approver", "admin"] as const;

/** Whether the viewer has one of the roles. For a kind word only: the gateway decides. */
export function useMay(roles: readonly string[]): boolean {
  const { data } = useQuery(ViewerDocument, { fetchPolicy: "cache-only" });
  return data ? data.viewer.roles.some((role) => roles.includes(role)) : true;
}

/** Whether the viewer is the vendor's: they see another dashboard. Null: not known yet. */
export function useGuest(): boolean | null {
  const { data, error } = useQuery(ViewerDocument, { fetchPolicy: "cache-first" });
  const { token } = useStore(session);
  if (data)
    return data.viewer.roles.length > 0 && data.viewer.roles.every((r) => r === "vendor_guest");
  return token && !error ? null : false;
}
