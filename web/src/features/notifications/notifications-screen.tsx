/** What was sent, what waits and why, and a text to send. */
import { lazy, Suspense, useEffect, useRef } from "react";
import { useSearchParams } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { type Column, CsvButton } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { LoadedList } from "@/design/states";
import { ToggleChips } from "@/design/toggle-chips";
import {
  type NotificationForQueueFragment,
  type NotificationStatus,
  NotificationsDocument,
} from "@/gql/graphql";
import { formatCount } from "@/lib/money";
import { useToggles } from "@/lib/use-toggles";
import { NEGOTIATORS, useMay } from "../shell/use-may";
import { word } from "../words";
import { NOTIFICATIONS_PAGE, STATES } from "./notifications";
import { OptOuts } from "./opt-outs";
import { Queue } from "./queue";
import { RetryFailed } from "./retry-failed";
import { SendingCard } from "./sending-card";

const SendForm = lazy(() => import("./send-form"));
const SendMany = lazy(() => import("./send-many"));

const CSV: Column<NotificationForQueueFragment>[] = (
  [
    "id",
    "queuedAt",
    "dueAt",
    "updatedAt",
    "channel",
    "to",
    "status",
    "attempts",
    "priority",
    "expiresAt",
    "segments",
    "price",
    "currency",
    "requestedBy",
    "providerId",
    "body",
  ] as const
).map((key) => ({ key, title: key, value: (n) => n[key] }));

/** Brought to the top where it begins in the lower part of the window, or below it. */
function reveal(element: HTMLElement | null): void {
  if (element && element.getBoundingClientRect().top > innerHeight / 2)
    element.scrollIntoView({ block: "start" });
}

function QueueCard({
  may,
  chosen,
  onToggle,
}: {
  may: boolean;
  chosen: readonly NotificationStatus[];
  onToggle: (status: NotificationStatus) => void;
}) {
  const filtered = chosen.length > 0;
  const { data, ...screen } = useScreen(NotificationsDocument, {
    first: NOTIFICATIONS_PAGE,
    ...(filtered ? { status: [...chosen] } : {}),
  });
  const list = data?.notifications;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  return (
    <LiquidGlassCard
      title="Queue"
      hint={
        list
          ? `${formatCount(rows.length)} of ${formatCount(list.totalCount)}${filtered ? ", filtered" : ", newest first"}`
          : undefined
      }
      flush
      testId="notifications-queue"
      actions={
        <>
          <ToggleChips
            label="State"
            options={STATES.map((value) => ({ value, label: word(value) }))}
            chosen={chosen}
            onToggle={onToggle}
          />
          {may && rows.some(({ status }) => status === "FAILED") && <RetryFailed />}
          <CsvButton name="notifications" rows={rows} columns={CSV} />
        </>
      }
    >
      <LoadedList
        screen={screen}
        part={list}
        what="Notifications are for the buyer’s people only"
        rows={6}
      >
        <Queue notifications={rows} may={may} filtered={filtered} />
      </LoadedList>
    </LiquidGlassCard>
  );
}

export default function NotificationsScreen() {
  const may = useMay(NEGOTIATORS);
  const { chosen, toggle } = useToggles("status", STATES);
  const [search, setSearch] = useSearchParams();
  const many = may && search.has("many");
  const queue = useRef<HTMLDivElement>(null);
  const narrowed = !many && chosen.length > 0;
  // Whoever comes for the failed ones comes for the list, which is below the form on a phone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, on the way in
  useEffect(() => {
    if (narrowed) reveal(queue.current);
  }, [many]);
  const sending = (
    <SendingCard
      may={may}
      onShow={(status) => {
        if (many) return setSearch({ status });
        if (!chosen.includes(status)) toggle(status);
        reveal(queue.current);
      }}
    />
  );
  if (many)
    return (
      <>
        <PageTitle>Send to many</PageTitle>
        {sending}
        <Suspense fallback={<SkeletonRows rows={8} />}>
          <SendMany onClose={() => setSearch({})} />
        </Suspense>
      </>
    );
  return (
    <>
      <PageTitle>Notifications</PageTitle>
      {sending}
      <div className="grid items-start gap-4 sm:gap-5 lg:grid-cols-[minmax(20rem,26rem)_minmax(0,1fr)]">
        <LiquidGlassCard
          title="Send a text"
          hint="To a stakeholder, when a figure has moved"
          actions={
            may && (
              <Button small onClick={() => setSearch({ many: "1" })}>
                To many…
              </Button>
            )
          }
        >
          {may ? (
            <Suspense
              fallback={
                // As high as the form: what is below stays where it is.
                <div className="min-h-[25.5rem]">
                  <SkeletonRows rows={5} />
                </div>
              }
            >
              <SendForm />
            </Suspense>
          ) : (
            <p className="text-sm text-muted">
              Negotiators and administrators send. Ask one of them, or for the role.
            </p>
          )}
        </LiquidGlassCard>
        <div ref={queue} className="grid min-w-0 scroll-mt-20">
          <QueueCard may={may} chosen={chosen} onToggle={toggle} />
        </div>
      </div>
      {may && <OptOuts />}
    </>
  );
}
