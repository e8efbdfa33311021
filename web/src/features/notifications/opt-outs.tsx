/** Who does not want our texts, and the way back: theirs to open, not ours. */
import { announce } from "@/apollo/use-action";
import { useScreen } from "@/apollo/use-screen";
import { Button } from "@/design/button";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { ShowMore } from "@/design/show-more";
import { Refused } from "@/design/states";
import { toast } from "@/design/toast";
import { OptOutsDocument, type OptOutsQuery } from "@/gql/graphql";
import { formatInstant } from "@/lib/dates";
import { formatCount } from "@/lib/money";
import { word } from "../words";
import { useLiftOptOut } from "./use-notify";

const PAGE = 20;
type OptOut = OptOutsQuery["optOuts"]["edges"][number]["node"];

function Item({ optOut, onLifted }: { optOut: OptOut; onLifted: () => void }) {
  const { run, busy } = useLiftOptOut();
  const lift = async () => {
    const { data, problem } = await run({ to: optOut.to });
    if (problem) return announce(problem, () => void lift());
    const { lifted = false, userErrors = [] } = data?.liftOptOut ?? {};
    const detail = userErrors.map(({ message }) => message).join(" ") || undefined;
    if (lifted) {
      toast.done({ title: `${optOut.to} is texted again`, detail });
      onLifted();
    } else toast.failed({ id: "opt-out", title: `${optOut.to} stays opted out`, detail });
  };
  return (
    <li
      data-testid="opt-out"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-sm sm:px-5"
    >
      <span className="font-medium tabular">{optOut.to}</span>
      <span className="text-[0.8125rem] text-muted">
        since {formatInstant(optOut.since)} ·{" "}
        {optOut.keyword ? `texted ${optOut.keyword}` : word(optOut.source)}
      </span>
      <span data-print="no" className="ml-auto">
        <Button small busy={busy} onClick={() => void lift()}>
          They texted START
        </Button>
      </span>
    </li>
  );
}

export function OptOuts() {
  const { data, problem, retry, fetchMore } = useScreen(OptOutsDocument, { first: PAGE });
  const list = data?.optOuts;
  if (!problem && (!list || list.totalCount === 0)) return null;
  return (
    <LiquidGlassCard
      testId="opt-outs"
      title="Opted out"
      hint={`${formatCount(list?.totalCount ?? 0)} ${list?.totalCount === 1 ? "number gets" : "numbers get"} nothing; only a START from their phone lifts that`}
      flush
    >
      {problem && <Refused problem={problem} what="Opt-outs" onRetry={retry} />}
      <ul className="divide-y divide-line">
        {list?.edges.map(({ node }) => (
          <Item key={`${node.to} ${node.since}`} optOut={node} onLifted={retry} />
        ))}
      </ul>
      <ShowMore page={list?.pageInfo} fetchMore={fetchMore} />
    </LiquidGlassCard>
  );
}
