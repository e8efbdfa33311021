/** What comes from outside and goes there: Supabase both ways, Twilio's usage and prices, and how they count. */
import { useQuery } from "@apollo/client/react";
import { PageTitle } from "@/design/page-title";
import { ShellDocument } from "@/gql/graphql";
import { ANALYSTS, NEGOTIATORS, useMay } from "../shell/use-may";
import { ConflictsCard } from "./conflicts-card";
import { ImportCard } from "./import-card";
import { MappingsCard } from "./mappings-card";
import { RatesCard } from "./rates-card";
import { SupabaseCard } from "./supabase-card";

export default function SyncScreen() {
  const may = useMay(ANALYSTS);
  const mayDecide = useMay(NEGOTIATORS);
  const { data } = useQuery(ShellDocument, { fetchPolicy: "cache-only" });
  const currency = data?.negotiation?.currency ?? "USD";
  return (
    <>
      <PageTitle>Sync</PageTitle>
      <SupabaseCard />
      {mayDecide && <ConflictsCard />}
      <ImportCard may={may} />
      <MappingsCard may={may} currency={currency} />
      <RatesCard may={may} currency={currency} />
    </>
  );
}
