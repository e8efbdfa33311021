/** The version of the SDL that this bundle was generated from. */
import generated from "@/gql/schema-version.json";

export const schemaVersion = generated.version;

export function isOtherSchema(served: string | null | undefined): boolean {
  return Boolean(served) && served !== schemaVersion;
}
