/** Several counter-offers that cost us the same: the vendor chooses what it values. */
import { useQuery } from "@apollo/client/react";
import { useState } from "react";
import { useSearchParams } from "wouter";
import { explain } from "@/apollo/problem";
import { Button } from "@/design/button";
import { SelectField } from "@/design/field";
import { Money, Ratio } from "@/design/money";
import { SkeletonRows } from "@/design/skeleton";
import { Empty, Refused } from "@/design/states";
import { CounterOffersDocument, type CounterOffersQuery } from "@/gql/graphql";
import { formatRatio } from "@/lib/money";
import { keepDraft } from "./draft";
import type { Offer } from "./offers";
import { riskTone } from "./offers-table";
import { fromTerm } from "./term-fields";
import { inWords } from "./terms";

type Counter = NonNullable<NonNullable<CounterOffersQuery["negotiation"]>["counterOffers"]>[number];

function CounterCard({
  counter,
  currency,
  onPropose,
}: {
  counter: Counter;
  currency: string;
  onPropose: () => void;
}) {
  return (
    <li className="well flex min-w-0 flex-col gap-3 p-4 text-sm">
      <h3 className="font-semibold first-letter:uppercase">{counter.title}</h3>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-2">
        {[
          ["With its risk", <Money key="k" value={counter.cost} currency={currency} />],
          ["Cost", <Money key="c" value={counter.cash} currency={currency} />],
          ["Effective", <Ratio key="e" value={counter.effectiveDiscount} />],
          [
            "P(shortfall)",
            <Ratio
              key="p"
              value={counter.shortfallProbability}
              className={riskTone(counter.shortfallProbability)}
            />,
          ],
        ].map(([name, value]) => (
          <div key={String(name)}>
            <dt className="text-[0.8125rem] text-muted">{name}</dt>
            <dd className="font-semibold">{value}</dd>
          </div>
        ))}
      </dl>
      <div>
        <h4 className="mb-1 text-[0.8125rem] text-muted">What it gives the vendor</h4>
        <ul className="grid gap-1">
          {counter.values.map(({ name, value }) => (
            <li key={name} className="grid grid-cols-[8.5rem_1fr_2.75rem] items-center gap-2">
              <span className="first-letter:uppercase">{name}</span>
              <span aria-hidden className="h-1.5 rounded-full bg-ink/10">
                <span
                  className="block h-full rounded-full bg-accent"
                  style={{ width: formatRatio(value).replace(",", ".") }}
                />
              </span>
              <span className="text-right tabular">{formatRatio(value, 0)}</span>
            </li>
          ))}
        </ul>
      </div>
      <details className="text-[0.8125rem]">
        <summary className="text-muted hover:text-ink">All terms</summary>
        <ul className="mt-2 grid gap-1">
          {inWords(counter.terms, currency).map((term) => (
            <li key={term.id}>
              <span className="font-medium">{term.kind}:</span> {term.says.join("; ")}
            </li>
          ))}
        </ul>
      </details>
      <Button look="primary" className="mt-auto self-start" onClick={onPropose}>
        Propose this…
      </Button>
    </li>
  );
}

export default function Counters({ offer, currency }: { offer: Offer; currency: string }) {
  const [count, setCount] = useState(3);
  const [, setSearch] = useSearchParams();
  const { data, previousData, error, refetch } = useQuery(CounterOffersDocument, {
    variables: { k: count, id: offer.id },
    fetchPolicy: "no-cache",
    context: { retry: false },
  });
  const counters = (data ?? previousData)?.negotiation?.counterOffers;
  const propose = (counter: Counter) => {
    keepDraft({
      from: "counter",
      title: counter.title,
      party: "BUYER",
      validUntil: "",
      terms: counter.terms.flatMap((term) => fromTerm(term) ?? []),
    });
    setSearch({ propose: "counter" });
  };
  if (error)
    return (
      <Refused
        problem={explain(error)}
        what="What we would ask instead is the buyer’s secret"
        onRetry={() => void refetch().catch(() => {})}
      />
    );
  if (!counters) return <SkeletonRows rows={6} />;
  return (
    <div className="grid gap-4" data-testid="counter-offers">
      <div className="flex flex-wrap items-end justify-between gap-3">
        <p className="max-w-prose text-sm text-muted">
          Around this offer. With their risk they all cost us about the same; what differs is what
          the vendor gets. Offer them together and let it choose.
        </p>
        <div className="w-28">
          <SelectField
            label="How many"
            value={String(count)}
            onChange={(event) => setCount(Number(event.target.value))}
          >
            {[2, 3, 4, 5].map((k) => (
              <option key={k}>{k}</option>
            ))}
          </SelectField>
        </div>
      </div>
      {counters.length === 0 ? (
        <Empty title="No counter-offers">
          Nothing around this offer costs us what we would settle for. Edit its terms by hand
          instead.
        </Empty>
      ) : (
        <ul className="grid gap-3 @3xl:grid-cols-2 @6xl:grid-cols-3">
          {counters.map((counter) => (
            <CounterCard
              key={counter.title}
              counter={counter}
              currency={currency}
              onPropose={() => propose(counter)}
            />
          ))}
        </ul>
      )}
    </div>
  );
}
