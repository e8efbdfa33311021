/** Which negotiation this is, and how far to trust what is shown of it. */
import { Download, Search } from "lucide-react";
import { IconButton } from "@/design/button";
import { Chip } from "@/design/chip";
import { LiquidLens } from "@/design/lens";
import { Skeleton } from "@/design/skeleton";
import type { GuestShellQuery, ShellQuery, ViewerQuery } from "@/gql/graphql";
import { NEGOTIATION_STATUS } from "../words";
import { ConnectionPill, DataPill } from "./pills";
import { SettingsMenu } from "./settings-menu";

export function TopBar({
  shell,
  guest,
  viewer,
  onPalette,
  onHelp,
  onExports,
  onSignIn,
  onSignOut,
}: {
  shell: ShellQuery | undefined;
  /** What there is instead for the vendor's people. */
  guest: GuestShellQuery | undefined;
  viewer: ViewerQuery["viewer"] | undefined;
  onPalette: () => void;
  onHelp: () => void;
  onExports: (() => void) | undefined;
  onSignIn: () => void;
  onSignOut: () => Promise<void>;
}) {
  const negotiation = shell?.negotiation ?? guest?.negotiation;
  return (
    <header
      data-print="no"
      className="glass sticky top-3 z-20 isolate flex h-14 items-center gap-2 rounded-full pr-2 pl-5 sm:gap-3"
    >
      <LiquidLens height={56} />
      <div className="min-w-0 grow">
        {negotiation ? (
          <p className="flex min-w-0 items-baseline gap-2">
            <span className="truncate font-semibold tracking-[-0.01em]" title={negotiation.name}>
              {negotiation.name}
            </span>
            <span className="hidden truncate text-[0.8125rem] text-muted lg:inline">
              {negotiation.buyer} with {negotiation.vendor}
            </span>
            <span className="hidden sm:inline">
              <Chip tone="accent">{NEGOTIATION_STATUS[negotiation.status]}</Chip>
            </span>
          </p>
        ) : shell || guest ? (
          <p className="font-semibold">No negotiation yet</p>
        ) : (
          <Skeleton className="h-5 w-40 max-w-full" />
        )}
      </div>
      <div className="flex shrink-0 items-center gap-1.5">
        <ConnectionPill />
        {!guest && <DataPill provenance={shell?.health.provenance} asOf={shell?.health.asOf} />}
      </div>
      <div className="flex shrink-0 items-center max-md:hidden">
        <IconButton label="Find a screen or an action (Ctrl K)" onClick={onPalette}>
          <Search className="size-4.5" />
        </IconButton>
        {onExports && (
          <IconButton label="Exports (e)" onClick={onExports}>
            <Download className="size-4.5" />
          </IconButton>
        )}
        <SettingsMenu viewer={viewer} onHelp={onHelp} onSignIn={onSignIn} onSignOut={onSignOut} />
      </div>
    </header>
  );
}
