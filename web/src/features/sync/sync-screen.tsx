/** What comes from outside and goes there: Twilio's usage and prices, and how they count. */
import { useQuery } from "@apollo/client/react";
import { PageTitle } from "@/design/page-title";
import { ShellDocument } from "@/gql/graphql";
import { ANALYSTS, useMay } from "../shell/use-may";
import { ImportCard } from "./import-card";
import { MappingsCard } from "./mappings-card";
import { RatesCard } from "./rates-card";

export default function SyncScreen() {
  const may = useMay(ANALYSTS);
  const { data } = useQuery(ShellDocument, { fetchPolicy: "cache-only" });
  const currency = data?.negotiation?.currency ?? "USD";
  return (
    <>
      <PageTitle>Sync</PageTitle>
      <ImportCard may={may} />
      <MappingsCard may={may} currency={currency} />
      <RatesCard may={may} currency={currency} />
    </>
  );
}
