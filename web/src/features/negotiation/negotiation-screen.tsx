import { FileUp } from "lucide-react";
import { Link } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { buttonClass } from "@/design/button";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { Skeleton } from "@/design/skeleton";
import { Empty, Refused } from "@/design/states";
import { NegotiationDocument } from "@/gql/graphql";
import { DatesCard } from "./dates-card";
import { EnvelopeCard } from "./envelope-card";
import { LadderCard } from "./ladder-card";
import { MilestonesCard } from "./milestones-card";
import { SinceYouLeft } from "./since";
import { SpendCard } from "./spend-card";
import { StreamsCard } from "./streams-card";

const GRID = "grid gap-4 sm:gap-5 3xl:grid-cols-12 3xl:items-start";
const HERO = "min-w-0 3xl:col-span-8";
const SIDE =
  "grid min-w-0 content-start gap-4 sm:gap-5 lg:grid-cols-12 3xl:col-span-4 3xl:row-span-3 3xl:grid-cols-1";
const LADDER = "grid min-w-0 content-start gap-4 sm:gap-5 lg:col-span-7 3xl:col-span-1";
const APPROVALS = "min-w-0 lg:col-span-5 3xl:col-span-1";
const WIDE = "min-w-0 3xl:col-span-8";

function Loading() {
  return (
    <div role="status" aria-label="Loading the negotiation" className={GRID}>
      <div className={HERO}>
        <div className="panel grid gap-6 p-5">
          <Skeleton className="h-5 w-24" />
          <Skeleton className="h-7 w-3/4" />
          <div className="grid gap-6 sm:grid-cols-3">
            <Skeleton className="h-16" />
            <Skeleton className="h-16" />
            <Skeleton className="h-16" />
          </div>
          <Skeleton className="h-24" />
          <div className="grid gap-2 sm:grid-cols-3">
            <Skeleton className="h-11" />
            <Skeleton className="h-11" />
            <Skeleton className="h-11" />
          </div>
        </div>
      </div>
      <div className={SIDE}>
        <div className={LADDER}>
          <div className="panel grid gap-4 p-5">
            <Skeleton className="h-5 w-24" />
            <Skeleton className="h-9 w-48" />
            <Skeleton className="h-52" />
          </div>
        </div>
        <div className={APPROVALS}>
          <div className="panel grid gap-4 p-5">
            <Skeleton className="h-5 w-24" />
            <Skeleton className="h-12" />
            <Skeleton className="h-12" />
            <Skeleton className="h-12" />
            <Skeleton className="h-12" />
          </div>
        </div>
      </div>
    </div>
  );
}

export default function NegotiationScreen() {
  const { data, loading, problem, retry } = useScreen(NegotiationDocument);
  if (problem)
    return (
      <LiquidGlassCard title="Negotiation">
        <Refused
          problem={problem}
          what="The negotiation’s figures are for the buyer’s people only"
          onRetry={retry}
        />
      </LiquidGlassCard>
    );
  if (loading || !data) return <Loading />;
  const { negotiation } = data;
  if (!negotiation)
    return (
      <LiquidGlassCard title="Negotiation">
        <Empty title="No negotiation yet" icon={<FileUp className="size-7" strokeWidth={1.5} />}>
          <p className="mb-4">
            Start with what you use: a usage export shows what you pay and which tier you are on.
          </p>
          <Link href="/import" className={buttonClass("primary")}>
            Import a file
          </Link>
        </Empty>
      </LiquidGlassCard>
    );
  return (
    <>
      <PageTitle>{negotiation.name}</PageTitle>
      <SinceYouLeft negotiation={negotiation} />
      <div className={GRID}>
        <div className={HERO}>
          <EnvelopeCard negotiation={negotiation} />
        </div>
        <div className={SIDE}>
          <div className={LADDER}>
            <LadderCard negotiation={negotiation} />
            {negotiation.dates && <DatesCard dates={negotiation.dates} />}
          </div>
          <MilestonesCard negotiation={negotiation} className={APPROVALS} />
        </div>
        <SpendCard negotiation={negotiation} className={WIDE} />
        <StreamsCard negotiation={negotiation} className={WIDE} />
      </div>
    </>
  );
}
