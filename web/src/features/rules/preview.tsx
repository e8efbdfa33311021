/** What the rule would say now, to whom it would say it, and what that costs; follows who types. */
import { useQuery } from "@apollo/client/react";
import { TriangleAlert } from "lucide-react";
import { explain, type Problem } from "@/apollo/problem";
import { Chip } from "@/design/chip";
import { SkeletonRows } from "@/design/skeleton";
import { PreviewRuleDocument, type PreviewRuleQuery, type RuleInput } from "@/gql/graphql";
import { formatCount, formatPrice } from "@/lib/money";
import { useSettled } from "@/lib/use-settled";

export type Preview = PreviewRuleQuery["previewRule"];

export function useRulePreview(input: RuleInput): {
  preview: Preview | undefined;
  problem: Problem | null;
  /** What is shown belongs to what is typed. */
  current: boolean;
} {
  const wanted = JSON.stringify(input);
  const settled = useSettled(wanted);
  const { data, previousData, error, loading } = useQuery(PreviewRuleDocument, {
    variables: { input: JSON.parse(settled) as RuleInput },
    fetchPolicy: "no-cache",
    context: { retry: false },
  });
  return {
    preview: (data ?? previousData)?.previewRule,
    problem: error ? explain(error) : null,
    current: wanted === settled && !loading && !error,
  };
}

function Cost({ preview: p }: { preview: Preview }) {
  return (
    <p className="text-sm">
      {formatCount(p.segments)} {p.segments === 1 ? "segment" : "segments"}, {p.characters}{" "}
      characters: <span className="font-medium tabular">{formatPrice(p.price, p.currency)}</span> to
      each of {formatCount(p.recipients)} {p.recipients === 1 ? "recipient" : "recipients"}
    </p>
  );
}

export function RulePreview({
  preview,
  problem,
  general,
}: {
  preview: Preview | undefined;
  problem: Problem | null;
  /** What the gateway has against it that no field of the form takes. */
  general: string | undefined;
}) {
  if (!preview)
    return problem ? (
      <p className="text-sm text-muted">What it would say is not known now: {problem.message}</p>
    ) : (
      <SkeletonRows rows={4} />
    );
  const { matches } = preview;
  const told = matches.filter((match) => match.told);
  return (
    <div className="grid gap-4" data-testid="rule-preview">
      {preview.body === null || preview.body === undefined ? (
        <p className="flex items-start gap-1.5 text-sm text-warn">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          The text cannot be read yet.
        </p>
      ) : (
        <>
          <p className="max-w-96 rounded-3xl rounded-bl-md bg-accent/12 px-4 py-3 text-sm [overflow-wrap:anywhere] whitespace-pre-wrap">
            {preview.body}
          </p>
          <Cost preview={preview} />
        </>
      )}
      {preview.sample && (
        <p className="text-[0.8125rem] text-muted">
          There is nothing of this kind to take facts from now: what stands in brackets is filled in
          when there is.
        </p>
      )}
      {general && <p className="text-sm text-warn">{general}</p>}
      <section>
        <h3 className="text-[0.8125rem] font-semibold">Now</h3>
        {matches.length === 0 ? (
          <p className="text-sm text-muted">It does not hold now: nothing would be sent.</p>
        ) : (
          <>
            <p className="text-sm text-muted">
              It holds for {formatCount(matches.length)}
              {told.length === 0
                ? ", which is no news: nothing would be sent."
                : `; switched on, it tells ${formatCount(told.length)} of them.`}
            </p>
            <ul className="mt-1.5 grid gap-1.5 text-sm">
              {matches.slice(0, 5).map((match) => (
                <li key={match.subject} className="flex flex-wrap items-baseline gap-x-2">
                  <Chip tone={match.told ? "accent" : "plain"}>
                    {match.told ? "would tell" : "no news"}
                  </Chip>
                  <span className="min-w-0 [overflow-wrap:anywhere]">{match.body}</span>
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      {preview.facts.length > 0 && (
        <details className="text-sm">
          <summary className="cursor-pointer text-[0.8125rem] font-semibold">
            The facts at present
          </summary>
          <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1">
            {preview.facts.map(({ name, value }) => (
              <div key={name} className="contents">
                <dt>
                  <code className="text-xs text-muted">{`{{${name}}}`}</code>
                </dt>
                <dd className="[overflow-wrap:anywhere]">{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}
