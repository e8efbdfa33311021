/**
 * An offer under a scenario: over the live connection, so that it follows the store as well
 * as who types; asked once more per change where there is no live connection.
 */
import { useQuery, useSubscription } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { explain, type Problem } from "@/apollo/problem";
import { transport } from "@/apollo/transport";
import {
  CostUnderScenarioDocument,
  type EvaluationForTableFragment,
  OfferUnderScenarioDocument,
  OfferUnderScenarioOnceDocument,
  type ScenarioInput,
} from "@/gql/graphql";
import { useStore } from "@/lib/store";
import { useSettled } from "@/lib/use-settled";

export function useScenario(
  id: string,
  scenario: ScenarioInput | null,
): {
  evaluation: EvaluationForTableFragment | undefined;
  /** The exact cost alone, which comes before its risk. */
  cash: string | undefined;
  problem: Problem | null;
  /** What is shown belongs to what is typed. */
  current: boolean;
} {
  const live = useStore(transport.connection) === "live";
  const wanted = JSON.stringify(scenario);
  const settled = useSettled(wanted);
  const variables = { id, scenario: (JSON.parse(settled) ?? {}) as ScenarioInput };
  const skip = settled === "null";
  const pushed = useSubscription(OfferUnderScenarioDocument, {
    variables,
    skip: skip || !live,
    fetchPolicy: "no-cache",
  });
  const soon = useSettled(wanted, 60);
  const quick = useSubscription(CostUnderScenarioDocument, {
    variables: { id, scenario: (JSON.parse(soon) ?? {}) as ScenarioInput },
    skip: soon === "null" || !live,
    fetchPolicy: "no-cache",
  });
  const asked = useQuery(OfferUnderScenarioOnceDocument, {
    variables,
    skip: skip || live,
    fetchPolicy: "no-cache",
    context: { retry: false },
  });
  const fresh = live
    ? pushed.data?.negotiationUpdated.offer?.evaluation
    : asked.data?.negotiation?.offer?.evaluation;
  const error = live ? pushed.error : asked.error;
  // Until the new figures come the old ones stay, dimmed.
  const [shown, setShown] = useState<EvaluationForTableFragment>();
  useEffect(() => {
    if (fresh) setShown(fresh);
  }, [fresh]);
  return {
    evaluation: skip ? undefined : (fresh ?? shown),
    cash: quick.data?.negotiationUpdated.offer?.cost.cash,
    problem: !skip && error ? explain(error) : null,
    current: Boolean(fresh) && !error && settled === wanted,
  };
}
