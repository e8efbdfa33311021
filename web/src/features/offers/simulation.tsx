/** Thousands of futures, while one watches: stopping is no more than looking away. */
import { useSubscription } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { explain } from "@/apollo/problem";
import { transport } from "@/apollo/transport";
import { CostFan } from "@/charts/cost-fan";
import { FanOverMonths } from "@/charts/fan-over-months";
import { Button } from "@/design/button";
import { SelectField } from "@/design/field";
import { Refused } from "@/design/states";
import {
  type EvaluationForTableFragment,
  SimulationDocument,
  type SimulationInput,
} from "@/gql/graphql";
import { toPixels } from "@/lib/decimal";
import { formatCount, formatMoney, formatRatio } from "@/lib/money";
import { useStore } from "@/lib/store";
import { EvaluationFigures } from "./evaluation-figures";
import type { Offer } from "./offers";
import { keptScenarios, toScenario } from "./scenario";

const PATHS = [2_500, 10_000, 25_000, 50_000, 100_000];

interface Ended {
  how: "done" | "stopped";
}

/** Runs as long as it is on the screen. */
function Run({
  input,
  base,
  currency,
  onEnd,
}: {
  input: SimulationInput;
  base: Offer;
  currency: string;
  onEnd: (ended: Ended) => void;
}) {
  const [partial, setPartial] = useState<EvaluationForTableFragment>();
  const { data, error } = useSubscription(SimulationDocument, {
    variables: { input },
    fetchPolicy: "no-cache",
    onComplete: () => onEnd({ how: "done" }),
  });
  const state = data?.simulation;
  const arrived = state?.evaluation ?? undefined;
  useEffect(() => {
    if (arrived) setPartial(arrived);
  }, [arrived]);
  if (error) return <Refused problem={explain(error)} what="Simulations" />;
  const progress = state?.progress ?? "0";
  const evaluation = arrived ?? partial;
  return (
    <div className="grid gap-4">
      <div>
        <div className="mb-1 flex justify-between text-sm">
          <span>{formatCount(state?.paths ?? 0)} futures</span>
          <span className="tabular">{formatRatio(progress, 0)}</span>
        </div>
        <div
          role="progressbar"
          aria-label="Simulation"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(toPixels(progress) * 100)}
          className="h-2 overflow-hidden rounded-full bg-ink/10"
        >
          <div
            className="h-full rounded-full bg-accent transition-[width]"
            style={{ width: `${toPixels(progress) * 100}%` }}
          />
        </div>
      </div>
      {evaluation ? (
        <div className="grid items-start gap-5 @4xl:grid-cols-2">
          <div className="@container">
            <EvaluationFigures
              testId="simulation-figures"
              evaluation={evaluation}
              base={base.evaluation}
              currency={currency}
            />
            <p className="mt-3 text-[0.8125rem] text-muted">
              The mean of {formatCount(evaluation.paths)} futures is{" "}
              {formatMoney(evaluation.mean, currency)}, give or take{" "}
              {formatMoney(evaluation.standardError, currency)}.
            </p>
          </div>
          <div className="grid gap-4">
            <CostFan
              currency={currency}
              ranges={[
                {
                  id: "base",
                  name: "As shown elsewhere",
                  p10: base.evaluation.costP10,
                  p50: base.evaluation.costP50,
                  p90: base.evaluation.costP90,
                },
                {
                  id: "run",
                  name: "This simulation",
                  p10: evaluation.costP10,
                  p50: evaluation.costP50,
                  p90: evaluation.costP90,
                },
              ]}
            />
            <FanOverMonths
              currency={currency}
              fans={[{ id: "run", name: "This simulation", months: evaluation.costFan }]}
            />
          </div>
        </div>
      ) : (
        <p role="status" className="text-sm text-muted">
          The first figures come in a moment…
        </p>
      )}
    </div>
  );
}

export default function Simulation({ offer, currency }: { offer: Offer; currency: string }) {
  const live = useStore(transport.connection) === "live";
  const [paths, setPaths] = useState(10_000);
  const [scenarios] = useState(keptScenarios);
  const [chosen, setChosen] = useState("");
  const [run, setRun] = useState<{ id: number; input: SimulationInput } | null>(null);
  const [ended, setEnded] = useState<Ended | null>(null);
  const running = run !== null && ended === null;
  const start = () => {
    const scenario = scenarios.find(({ name }) => name === chosen);
    setEnded(null);
    setRun((previous) => ({
      id: (previous?.id ?? 0) + 1,
      input: {
        offerId: offer.id,
        paths,
        ...(scenario ? { scenario: toScenario(scenario.typed) } : {}),
      },
    }));
  };
  return (
    <div className="grid gap-5" data-testid="simulation">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <div className="w-36">
          <SelectField
            label="Futures"
            value={String(paths)}
            disabled={running}
            onChange={(event) => setPaths(Number(event.target.value))}
          >
            {PATHS.map((count) => (
              <option key={count} value={count}>
                {formatCount(count)}
              </option>
            ))}
          </SelectField>
        </div>
        {scenarios.length > 0 && (
          <div className="w-52">
            <SelectField
              label="Scenario"
              value={chosen}
              disabled={running}
              onChange={(event) => setChosen(event.target.value)}
            >
              <option value="">The forecast</option>
              {scenarios.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </SelectField>
          </div>
        )}
        {running ? (
          // A button of its own: the same one, become “Run” under the click, would submit.
          <Button
            key="stop"
            look="danger"
            onClick={() => {
              setRun(null);
              setEnded({ how: "stopped" });
            }}
          >
            Stop
          </Button>
        ) : (
          <Button key="run" look="primary" type="submit" disabled={!live}>
            {ended ? "Run again" : "Run"}
          </Button>
        )}
      </form>
      {!live && (
        <p role="status" className="text-sm text-muted">
          A simulation runs over the live connection. It can begin when that is back.
        </p>
      )}
      {run ? (
        <Run key={run.id} input={run.input} base={offer} currency={currency} onEnd={setEnded} />
      ) : (
        <p className="text-sm text-muted">
          {ended
            ? "Stopped: the gateway computes nothing more of it."
            : "Each future draws every family’s volumes anew and goes through the ladder and the commitment. The same offer gives the same figures on every machine."}
        </p>
      )}
    </div>
  );
}
