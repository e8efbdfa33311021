import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { CsvButton } from "@/design/data-table";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { Failed } from "@/design/states";
import { NotificationsDocument } from "@/gql/graphql";
import { formatCount } from "@/lib/money";
import { NOTIFICATIONS_PAGE } from "./notifications";
import { Queue } from "./queue";
import { RetryFailed } from "./retry-failed";
import { SendForm } from "./send-form";

const CSV = [
  "queuedAt",
  "updatedAt",
  "channel",
  "to",
  "status",
  "attempts",
  "providerId",
  "body",
] as const;

export default function NotificationsScreen() {
  const { data, loading, problem, retry, fetchMore } = useScreen(NotificationsDocument, {
    first: NOTIFICATIONS_PAGE,
  });
  const list = data?.notifications;
  const rows = list?.edges.map(({ node }) => node) ?? [];
  const waiting = rows.filter(({ status }) => status === "QUEUED" || status === "SENDING").length;
  const failed = rows.some(({ status }) => status === "FAILED");
  return (
    <>
      <PageTitle>Notifications</PageTitle>
      <div className="grid items-start gap-4 sm:gap-5 lg:grid-cols-[minmax(20rem,26rem)_1fr]">
        <LiquidGlassCard title="Send a text" hint="To a stakeholder, when a figure has moved">
          <SendForm />
        </LiquidGlassCard>
        <LiquidGlassCard
          title="Queue"
          hint={list ? `${formatCount(list.totalCount)} in all, ${waiting} waiting` : undefined}
          flush
          testId="notifications-queue"
          actions={
            <>
              {failed && <RetryFailed />}
              <CsvButton
                name="notifications"
                rows={rows}
                columns={CSV.map((key) => ({
                  key,
                  title: key,
                  value: (n: (typeof rows)[number]) => n[key],
                }))}
              />
            </>
          }
        >
          {problem ? (
            <Failed title={problem.message} detail={problem.detail} onRetry={retry} />
          ) : loading || !list ? (
            <SkeletonRows rows={6} />
          ) : (
            <Queue notifications={rows} />
          )}
          {list?.pageInfo.hasNextPage && (
            <div className="p-3 text-center">
              <Button onClick={() => void fetchMore({ after: list.pageInfo.endCursor })}>
                Show more
              </Button>
            </div>
          )}
        </LiquidGlassCard>
      </div>
    </>
  );
}
