/** Rules that notify: what to watch, whom to tell, and what was told. */
import { Plus } from "lucide-react";
import { lazy, Suspense } from "react";
import { useSearchParams } from "wouter";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { PageTitle } from "@/design/page-title";
import { SkeletonRows } from "@/design/skeleton";
import { Empty, Loaded } from "@/design/states";
import { RulesDocument } from "@/gql/graphql";
import { NEGOTIATORS, useMay } from "../shell/use-may";
import { Firings } from "./firings";
import { RuleList } from "./rule-list";
import { RulesSubscriber } from "./subscribers";

const RuleEditor = lazy(() => import("./rule-editor"));
const NEW = "new";

export default function RulesScreen() {
  const { data, ...screen } = useScreen(RulesDocument);
  const may = useMay(NEGOTIATORS);
  const [search, setSearch] = useSearchParams();
  const edited = search.get("rule");
  const open = (id: string | null) => setSearch(id ? { rule: id } : {});
  const rules = [...(data?.rules ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  const rule = rules.find(({ id }) => id === edited);
  const on = rules.filter(({ enabled }) => enabled).length;

  if (edited && data && may)
    return (
      <>
        <RulesSubscriber />
        <PageTitle>{rule?.name ?? "A new rule"}</PageTitle>
        {rule || edited === NEW ? (
          <Suspense fallback={<SkeletonRows rows={8} />}>
            <RuleEditor
              key={edited}
              rule={rule ?? null}
              kinds={data.ruleKinds}
              onClose={() => open(null)}
            />
          </Suspense>
        ) : (
          <LiquidGlassCard title="Rule">
            <Empty title="There is no such rule">
              <Button onClick={() => open(null)}>See all rules</Button>
            </Empty>
          </LiquidGlassCard>
        )}
      </>
    );
  return (
    <>
      <RulesSubscriber />
      <PageTitle>Rules</PageTitle>
      <LiquidGlassCard
        title="Rules"
        hint={data ? `${on} of ${rules.length} switched on` : undefined}
        flush
        testId="rules"
        actions={
          may && (
            <Button small onClick={() => open(NEW)}>
              <Plus aria-hidden className="size-3.5" />
              New rule
            </Button>
          )
        }
      >
        <Loaded screen={screen} part={data} what="Rules are for the buyer’s people only" rows={6}>
          {(data) => <RuleList rules={rules} kinds={data.ruleKinds} may={may} onOpen={open} />}
        </Loaded>
      </LiquidGlassCard>
      <Firings />
    </>
  );
}
