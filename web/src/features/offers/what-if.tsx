/** What the offer would cost if the business went otherwise: follows who types. */
import { useQuery } from "@apollo/client/react";
import { useState } from "react";
import { fieldName } from "@/apollo/problem";
import { FanOverMonths } from "@/charts/fan-over-months";
import { Button } from "@/design/button";
import { Fault, SelectField, TextField } from "@/design/field";
import { Money } from "@/design/money";
import { SkeletonRows } from "@/design/skeleton";
import { FamiliesForWhatIfDocument } from "@/gql/graphql";
import { subtract } from "@/lib/decimal";
import { formatCompact, formatSigned } from "@/lib/money";
import { EvaluationFigures } from "./evaluation-figures";
import type { Offer } from "./offers";
import {
  DRIVERS,
  dropScenario,
  familyField,
  faultOf,
  GENERAL,
  keepScenario,
  keptScenarios,
  lacksLeads,
  type ScenarioField,
  type Typed,
  toScenario,
} from "./scenario";
import { useScenario } from "./use-scenario";

function Group({
  title,
  hint,
  fields,
  typed,
  faults,
  set,
  open,
}: {
  title: string;
  hint?: string;
  fields: readonly ScenarioField[];
  typed: Typed;
  faults: Readonly<Record<string, string>>;
  set: (name: string, value: string) => void;
  open?: boolean;
}) {
  const used = fields.filter(({ name }) => typed[name]?.trim()).length;
  return (
    <details open={open || used > 0} className="well px-4 py-3">
      <summary className="text-sm font-medium">
        {title}
        {used > 0 && <span className="ml-2 font-normal text-accent">{used} changed</span>}
      </summary>
      {hint && <p className="mt-1 text-xs text-muted">{hint}</p>}
      <div className="mt-3 grid grid-cols-2 items-start gap-x-4 gap-y-3">
        {fields.map((field) => (
          <TextField
            key={field.name}
            label={field.label}
            hint={field.hint}
            suffix={field.percent ? "%" : undefined}
            inputMode="decimal"
            autoComplete="off"
            placeholder="as forecast"
            value={typed[field.name] ?? ""}
            error={faultOf(field, typed[field.name]) ?? faults[field.name]}
            onChange={(event) => set(field.name, event.target.value.replace(",", "."))}
          />
        ))}
      </div>
    </details>
  );
}

function useFamilies(): ScenarioField[] {
  const { data } = useQuery(FamiliesForWhatIfDocument, { fetchPolicy: "cache-first" });
  return (data?.negotiation?.forecast.families ?? []).map(({ family, monthly }) => {
    const units = monthly[0]?.units;
    return {
      ...familyField(family),
      hint: units ? `${formatCompact(units)} units in the first month` : undefined,
    };
  });
}

export default function WhatIf({ offer, currency }: { offer: Offer; currency: string }) {
  const [typed, setTyped] = useState<Typed>({});
  const [kept, setKept] = useState(keptScenarios);
  const [name, setName] = useState("");
  const families = useFamilies();
  const scenario = toScenario(typed);
  const { evaluation, cash, problem, current } = useScenario(offer.id, scenario);
  const set = (field: string, value: string) =>
    setTyped((previous) => ({ ...previous, [field]: value }));
  const faults = Object.fromEntries(
    (problem?.fields ?? []).map(({ path, message }) => [
      fieldName(path.replace(/^scenario\./, "").replace(/^drivers\./, "")),
      message,
    ]),
  );
  const groups = { typed, faults, set };
  return (
    <div className="grid min-w-0 items-start gap-5 @4xl:grid-cols-2">
      <div className="@container grid min-w-0 gap-3" data-testid="what-if-fields">
        <div className="flex flex-wrap items-end gap-2">
          <div className="min-w-40 grow">
            <SelectField
              label="Scenario"
              value={kept.find((one) => one.typed === typed)?.name ?? ""}
              onChange={(event) => {
                const chosen = kept.find((one) => one.name === event.target.value);
                setTyped(chosen?.typed ?? {});
                setName(chosen?.name ?? "");
              }}
            >
              <option value="">{scenario ? "What is typed below" : "The forecast"}</option>
              {kept.map((one) => (
                <option key={one.name} value={one.name}>
                  {one.name}
                </option>
              ))}
            </SelectField>
          </div>
          <Button
            look="bare"
            disabled={Object.keys(typed).length === 0}
            onClick={() => {
              setTyped({});
              setName("");
            }}
          >
            Reset
          </Button>
        </div>
        <Group title="General" fields={GENERAL} {...groups} open />
        <Group
          title="Drivers of the business"
          hint="Volumes follow from leads. What is left empty stays as usage has it."
          fields={DRIVERS}
          {...groups}
        />
        {lacksLeads(typed) && (
          <p role="status" className="text-sm font-medium text-warn">
            Give the leads a month: every other driver is counted per lead.
          </p>
        )}
        {families.length > 0 && (
          <Group
            title="Volumes per family"
            hint="Units in an average month"
            fields={families}
            {...groups}
          />
        )}
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() && scenario) setKept(keepScenario(name.trim(), typed));
          }}
        >
          <div className="min-w-40 grow">
            <TextField
              label="Keep it under a name"
              hint="In this browser"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </div>
          <div className="mb-5 flex gap-2">
            <Button type="submit" disabled={!name.trim() || !scenario}>
              Keep
            </Button>
            {kept.some((one) => one.name === name.trim()) && (
              <Button look="danger" onClick={() => setKept(dropScenario(name.trim()))}>
                Forget
              </Button>
            )}
          </div>
        </form>
      </div>
      <div
        className="@container order-first grid min-w-0 gap-4 @4xl:sticky @4xl:top-20 @4xl:order-none"
        aria-live="polite"
      >
        <Fault>{problem?.message}</Fault>
        {!scenario ? (
          <>
            <p className="text-sm text-muted">
              This is the forecast. Type anything: every figure follows.
            </p>
            <EvaluationFigures evaluation={offer.evaluation} currency={currency} />
          </>
        ) : evaluation ? (
          <>
            <p className="flex flex-wrap items-baseline gap-x-3" data-testid="what-if-cost">
              <Money
                value={cash ?? evaluation.cash}
                currency={currency}
                className="text-2xl font-semibold tracking-tight"
              />
              <span className="text-sm text-muted">
                {formatSigned(subtract(cash ?? evaluation.cash, offer.evaluation.cash), currency)}{" "}
                against the forecast
              </span>
            </p>
            <div className={current ? "" : "opacity-55"} aria-busy={!current}>
              <EvaluationFigures
                testId="what-if-figures"
                evaluation={evaluation}
                base={offer.evaluation}
                currency={currency}
              />
              <div className="mt-4">
                <FanOverMonths
                  currency={currency}
                  fans={[
                    { id: "base", name: "As forecast", months: offer.evaluation.costFan },
                    { id: "so", name: "In this scenario", months: evaluation.costFan },
                  ]}
                />
              </div>
            </div>
          </>
        ) : problem ? null : (
          <SkeletonRows rows={8} />
        )}
      </div>
    </div>
  );
}
