/** How the sync with Supabase stands, in the gateway's own words. */
import { RefreshCw } from "lucide-react";
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { Chip } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Loaded } from "@/design/states";
import { toast } from "@/design/toast";
import { HealthDocument } from "@/gql/graphql";
import { useNow } from "@/lib/clock";
import { formatAge, formatInstant } from "@/lib/dates";
import { LastTrouble } from "../health/last-trouble";
import { useSyncNow } from "../health/use-sync-now";
import { STAFF, useMay } from "../shell/use-may";
import { word } from "../words";

const MODE: Record<string, string> = {
  realtime: "changes arrive as they happen",
  polling: "asked every few seconds",
  cached: "away: what was last known is shown",
  fixtures: "not set up",
};

export function SupabaseCard() {
  const { data, ...screen } = useScreen(HealthDocument);
  const sync = useSyncNow();
  const may = useMay(STAFF);
  const now = useNow();
  const component = data?.health.components.find(({ name }) => name === "supabase");
  const syncNow = async () => {
    const { problem: failure } = await sync.run({});
    if (failure) announce(failure, () => void syncNow());
    else toast.done({ title: "Synced" });
  };
  return (
    <LiquidGlassCard
      testId="supabase"
      title={
        <span className="flex items-center gap-2">
          Supabase{" "}
          {component && (
            <Chip tone={component.status === "OK" ? "good" : "warn"}>
              {MODE[component.mode] ?? word(component.mode)}
            </Chip>
          )}
        </span>
      }
      actions={
        may && (
          <Button small busy={sync.busy} onClick={() => void syncNow()}>
            <RefreshCw aria-hidden className="size-3.5" />
            Sync now
          </Button>
        )
      }
    >
      <Loaded
        screen={screen}
        part={component}
        what="How the sync stands is for the buyer’s people only"
        rows={2}
      >
        {(component) => (
          <div className="grid gap-1.5 text-sm">
            <p>{component.message}</p>
            <LastTrouble component={component} />
            {component.lastOkAt && (
              <p className="text-[0.8125rem] text-muted" title={formatInstant(component.lastOkAt)}>
                last good {formatAge(now - Date.parse(component.lastOkAt))} ago
              </p>
            )}
          </div>
        )}
      </Loaded>
    </LiquidGlassCard>
  );
}
