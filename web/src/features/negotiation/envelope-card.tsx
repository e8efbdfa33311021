/** The hero: what we pay, what it costs the vendor, what the vendor keeps, and against which band. */
import { CircleHelp, SlidersHorizontal } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { EnvelopeBand } from "@/charts/envelope-band";
import { Button } from "@/design/button";
import { TONE_TEXT } from "@/design/chip";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { Money, Ratio, useChange } from "@/design/money";
import type { EnvelopeForBandFragment, NegotiationForScreenFragment } from "@/gql/graphql";
import { cx } from "@/lib/class-names";
import { formatRange } from "@/lib/dates";
import { abs, compare, sign, subtract } from "@/lib/decimal";
import { formatRatio } from "@/lib/money";
import { NEGOTIATORS, useMay } from "../shell/use-may";
import { headline, moved, standing } from "./figures";
import { useWhatIf } from "./what-if";
import { WhatIfPanel } from "./what-if-panel";

const Why = lazy(() => import("./why"));
const TargetsForm = lazy(() => import("./targets-form"));

function offList(discount: string | null | undefined): string {
  if (discount == null) return "no list price";
  return sign(discount) < 0
    ? `${formatRatio(abs(discount))} above list`
    : `${formatRatio(discount)} off list`;
}

function isLong(amount: string): boolean {
  return (amount.split(".")[0] ?? "").length > 9;
}

function WhyButton({ of, onClick }: { of: string; onClick: () => void }) {
  return (
    <button
      type="button"
      data-print="no"
      onClick={onClick}
      aria-label={`Why this number? ${of}`}
      title="Why this number?"
      className="inline-grid size-6 place-items-center rounded-full align-middle text-muted hover:bg-ink/8 hover:text-ink"
    >
      <CircleHelp className="size-3.5" />
    </button>
  );
}

function Figure({
  name,
  about,
  why,
  children,
  note,
  long = false,
}: {
  name: string;
  about: string;
  why: () => void;
  children: ReactNode;
  note: ReactNode;
  /** More digits than fit at full size. */
  long?: boolean;
}) {
  return (
    <div className="min-w-0">
      <dt className="flex items-center gap-1 text-[0.8125rem] text-muted">
        <span className="font-medium text-ink">{name}</span>
        <span className="truncate">{about}</span>
        <WhyButton of={name} onClick={why} />
      </dt>
      <dd>
        <div
          className={cx(
            "leading-tight font-[560] tracking-[-0.03em]",
            long ? "text-[clamp(1.25rem,2.9cqi,1.75rem)]" : "text-[clamp(1.625rem,4.6cqi,2.75rem)]",
          )}
        >
          {children}
        </div>
        <div className="mt-0.5 text-[0.8125rem] text-muted">{note}</div>
      </dd>
    </div>
  );
}

function Levels({
  envelope,
  why,
}: {
  envelope: EnvelopeForBandFragment;
  why: (figure: string) => void;
}) {
  const { currency } = envelope;
  const levels = [
    ["floor", envelope.floorRevenue, envelope.discountAtFloorMargin, "bg-warn"],
    ["target", envelope.targetRevenue, envelope.discountAtTargetMargin, "bg-accent"],
    ["ceiling", envelope.ceilingRevenue, envelope.discountAtCeilingMargin, "bg-cool"],
  ] as const;
  return (
    <dl className="mt-3 grid gap-2 @lg:grid-cols-3">
      {levels.map(([level, revenue, discount, dot]) => (
        <div key={level} className="well min-w-0 px-3.5 py-2">
          <dt className="flex items-center gap-1.5 text-[0.8125rem] text-muted">
            <span aria-hidden className={cx("size-2 rounded-full", dot)} />
            At the {level} we pay
          </dt>
          <dd className="flex min-w-0 flex-wrap items-baseline justify-between gap-x-2">
            <span className="text-base font-semibold tracking-tight">
              <Money value={revenue} currency={currency} highlight />
            </span>
            <span className="text-[0.8125rem] text-muted">
              {offList(discount)}
              <WhyButton
                of={`revenue at the ${level} margin`}
                onClick={() => why(`${level}_revenue`)}
              />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

export function EnvelopeCard({ negotiation }: { negotiation: NegotiationForScreenFragment }) {
  const may = useMay(NEGOTIATORS);
  const whatIf = useWhatIf();
  const [open, setOpen] = useState(whatIf.active);
  const [why, setWhy] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  const envelope = whatIf.envelope ?? negotiation.envelope;
  const { currency } = envelope;
  const marginBefore = useChange(envelope.currentMargin);
  const marginMoved = moved(envelope.currentMargin, marginBefore);
  const at = standing(envelope);
  const saved = compare(envelope.listRevenue, envelope.revenue) > 0;
  const showPanel = open || whatIf.active;
  return (
    <LiquidGlassCard
      title="Envelope"
      hint={
        negotiation.usageFrom && negotiation.usageTo
          ? `Usage of ${formatRange(negotiation.usageFrom, negotiation.usageTo)}, at the rates in force`
          : "No usage yet"
      }
      actions={
        <>
          <Button
            small
            aria-expanded={showPanel}
            onClick={() => {
              if (showPanel) whatIf.reset();
              setOpen(!showPanel);
            }}
          >
            <SlidersHorizontal className="size-3.5" />
            What if
          </Button>
          {may && (
            <Button small onClick={() => setSaving(true)}>
              Set targets
            </Button>
          )}
        </>
      }
    >
      <p className="max-w-[68ch] text-[clamp(1.05rem,1.9cqi,1.3rem)] leading-snug font-medium tracking-[-0.012em] text-balance">
        {headline(envelope)}
      </p>
      <dl className="mt-4 grid gap-x-8 gap-y-4 @xl:grid-cols-3">
        <Figure
          name="Revenue"
          about="what we pay"
          why={() => setWhy("revenue")}
          long={isLong(envelope.revenue)}
          note={
            saved ? (
              <>
                list <Money value={envelope.listRevenue} currency={currency} />, we pay{" "}
                <Money
                  value={subtract(envelope.listRevenue, envelope.revenue)}
                  currency={currency}
                />{" "}
                less
              </>
            ) : (
              <>
                list <Money value={envelope.listRevenue} currency={currency} />
              </>
            )
          }
        >
          <Money value={envelope.revenue} currency={currency} testId="envelope-revenue" highlight />
        </Figure>
        <Figure
          name="Expense"
          about="the vendor’s cost, estimated"
          why={() => setWhy("expense")}
          long={isLong(envelope.expense)}
          note="what serving us costs them"
        >
          <Money value={envelope.expense} currency={currency} testId="envelope-expense" highlight />
        </Figure>
        <Figure
          name="Margin"
          about="what the vendor keeps"
          why={() => setWhy("current_margin")}
          note={
            at ? (
              <span className={cx("font-medium", TONE_TEXT[at.tone])}>{at.where}</span>
            ) : (
              "no revenue in the window"
            )
          }
        >
          <span className={cx("rounded-md", marginBefore !== null && "flash")}>
            <Ratio value={envelope.currentMargin} testId="envelope-margin" />
          </span>
          {marginMoved && (
            <span className="ml-2 align-middle text-xs font-medium tracking-normal text-accent appear">
              {marginMoved}
            </span>
          )}
        </Figure>
      </dl>
      <div className="mt-3">
        <EnvelopeBand
          floor={envelope.floorMargin}
          target={envelope.targetMargin}
          ceiling={envelope.ceilingMargin}
          current={envelope.currentMargin}
        />
      </div>
      <Levels envelope={envelope} why={setWhy} />
      {envelope.warnings.length > 0 && (
        <ul className="mt-3 grid gap-1 text-[0.8125rem] text-warn">
          {envelope.warnings.map(({ code, message }) => (
            <li key={code + message} title={code}>
              {message}
            </li>
          ))}
        </ul>
      )}
      {showPanel && (
        <WhatIfPanel
          whatIf={whatIf}
          saved={negotiation.targets}
          onSave={may ? () => setSaving(true) : undefined}
        />
      )}
      <Suspense fallback={null}>
        {why && <Why figure={why} trace={envelope.trace} onClose={() => setWhy(null)} />}
        {saving && (
          <TargetsForm
            negotiation={negotiation}
            wanted={whatIf.margins}
            onClose={(done) => {
              setSaving(false);
              if (done) {
                whatIf.reset();
                setOpen(false);
              }
            }}
          />
        )}
      </Suspense>
    </LiquidGlassCard>
  );
}
