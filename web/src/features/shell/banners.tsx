/** What concerns every screen: the gateway is away, something behind it is, or we are outdated. */
import { CloudOff, GitCompareArrows, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Link } from "wouter";
import { isOtherSchema, schemaVersion } from "@/apollo/schema-version";
import { transport } from "@/apollo/transport";
import { Button } from "@/design/button";
import type { HealthForScreenFragment } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { useNow } from "@/lib/clock";
import { formatAge, formatTime } from "@/lib/dates";
import { useStore } from "@/lib/store";

function Strip({
  testId,
  tone,
  icon,
  children,
  action,
}: {
  testId: string;
  tone: "warn" | "bad";
  icon: ReactNode;
  children: ReactNode;
  action?: ReactNode;
}) {
  return (
    <div
      role="status"
      data-testid={testId}
      className="panel flex items-start gap-3 px-4 py-2.5 text-sm sm:items-center [--panel-alpha:92%] [border-radius:1.1rem]"
    >
      <span aria-hidden className={cx("mt-0.5 sm:mt-0", tone === "bad" ? "text-bad" : "text-warn")}>
        {icon}
      </span>
      <p className="min-w-0 grow">{children}</p>
      {action}
    </div>
  );
}

function OfflineStrip({ onRetry }: { onRetry: () => Promise<void> }) {
  const { confirmedAt, restoredAt } = useStore(transport.facts);
  const connection = useStore(transport.connection);
  const now = useNow();
  const [busy, setBusy] = useState(false);
  if (connection !== "offline") return null;
  const since = confirmedAt ?? restoredAt;
  return (
    <Strip
      testId="banner-offline"
      tone="bad"
      icon={<CloudOff className="size-4.5" />}
      action={
        <Button
          small
          busy={busy}
          onClick={() => {
            setBusy(true);
            void onRetry().finally(() => setBusy(false));
          }}
        >
          Try now
        </Button>
      }
    >
      <strong className="font-semibold">The gateway does not answer.</strong>{" "}
      {since === null
        ? "Nothing was saved here yet; it will appear as soon as there is an answer."
        : `You see the figures of ${formatTime(since)}, ${formatAge(now - since)} ago. It keeps trying by itself.`}
    </Strip>
  );
}

export function Banners({
  health,
  onRetry,
}: {
  health: HealthForScreenFragment | undefined;
  onRetry: () => Promise<void>;
}) {
  const [ignored, setIgnored] = useState<string | null>(null);
  const served = health?.schemaVersion.version;
  const outdated = isOtherSchema(served) && ignored !== served;
  return (
    <div data-print="no" className="grid grid-cols-1 gap-2 empty:hidden">
      <OfflineStrip onRetry={onRetry} />
      {outdated && (
        <Strip
          testId="banner-schema"
          tone="warn"
          icon={<GitCompareArrows className="size-4.5" />}
          action={
            <span className="flex gap-1.5">
              <Button small onClick={() => location.reload()}>
                Reload
              </Button>
              <Button small look="bare" onClick={() => setIgnored(served ?? null)}>
                Go on
              </Button>
            </span>
          }
        >
          <strong className="font-semibold">Schema mismatch.</strong> This page was built for API
          version {schemaVersion}; the gateway speaks {served}. Figures may be missing until you
          reload.
        </Strip>
      )}
      {health?.banner && (
        <Strip
          testId="banner-degraded"
          tone={health.status === "DOWN" ? "bad" : "warn"}
          icon={<TriangleAlert className="size-4.5" />}
          action={
            <Link
              href="/health"
              className="rounded-full px-2.5 py-1 text-[0.8125rem] font-medium whitespace-nowrap text-accent hover:bg-ink/7"
            >
              What to do
            </Link>
          }
        >
          <span className="line-clamp-2" title={health.banner.message}>
            {health.banner.message}
          </span>
        </Strip>
      )}
    </div>
  );
}
