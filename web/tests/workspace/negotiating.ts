/** The negotiation in the mock gateway: what it shows, and what is decided about it. */
import { GraphQLError } from "graphql";
import * as made from "../made-data.ts";
import { counterOffers, draft, forecast, offerDiff, offers, TERMS } from "../made-offers.ts";
import { commitmentPace, secrets, tierProjection } from "../made-position.ts";
import { page, type Row, type Topics, type Workspace } from "./page.ts";

function shown(w: Workspace): Row | null {
  const { state } = w;
  if (state.empty) return null;
  return {
    __typename: "Negotiation",
    id: "neg-1",
    name: state.name,
    vendor: "Twilio",
    buyer: "Northwind Logistics",
    currency: "USD",
    status: "OPEN",
    version: state.version,
    provenance: state.provenance,
    asOf: made.instant(-95_000),
    usageFrom: made.day(-90),
    usageTo: made.day(-1),
    targets: state.targets,
    envelope: (args: Partial<made.Targets>) => {
      for (const [name, value] of Object.entries(args))
        if (value != null && !(Number(made.ratio(value, "0")) < 1))
          throw new GraphQLError("A margin is below 100 %.", {
            extensions: {
              code: "BAD_USER_INPUT",
              fields: [{ path: name, message: "Below 100 %." }],
            },
          });
      return made.envelope(
        {
          floorMargin: made.ratio(args.floorMargin, state.targets.floorMargin),
          targetMargin: made.ratio(args.targetMargin, state.targets.targetMargin),
          ceilingMargin: made.ratio(args.ceilingMargin, state.targets.ceilingMargin),
        },
        state.extra,
      );
    },
    streams: () => made.streams(state.extra),
    ladder: { tiers: made.TIERS, basis: "LIST", application: "CLIFF", windowDays: 90 },
    trailing90: () => made.trailing(state.extra),
    dailySpend: () => made.dailySpend(),
    milestones: state.milestones,
    dates: {
      start: made.day(-300),
      end: made.day(118),
      lastNoticeDay: made.day(43),
      autoRenews: true,
      daysToNotice: 43,
      daysToEnd: 118,
    },
    rounds: () =>
      [1, 2].map((number) => ({
        number,
        offers: state.offers.filter((o) => o.round === number),
      })),
    offer: ({ id }: { id: string }) => state.offers.find((o) => o.id === id) ?? null,
    draft: ({ terms }: { terms: Record<string, Record<string, unknown>>[] }) => {
      refuseFaulty(terms);
      return draft(terms);
    },
    offerDiff,
    ...secrets(state.position, state.offers[0]),
    commitmentPace,
    tierProjection,
    forecast,
    counterOffers: ({ k }: { k: number }) => counterOffers(k),
    skus: (args: { first?: number; after?: string }) => page(made.skus(), args),
  };
}

function refuseFaulty(terms: Record<string, Record<string, unknown>>[]): void {
  const fields = terms.flatMap((term, i) =>
    Number(term.commitment?.amount ?? 0) < 0
      ? [
          {
            path: `terms.${i}.amount`,
            code: "COMMITMENT_NEGATIVE",
            message: `The commitment is ${term.commitment?.amount}.`,
            hint: "A commitment is 0 or more.",
          },
        ]
      : [],
  );
  if (fields.length > 0)
    throw new GraphQLError(fields.map(({ message }) => message).join(" "), {
      extensions: { code: "BAD_USER_INPUT", fields },
    });
}

export function fields(w: Workspace): Row {
  const { state } = w;
  const negotiation = () => shown(w);
  return {
    negotiation,
    setTargets: ({ input }: { input: Row }) => {
      if (input.version != null && input.version !== state.version)
        throw new GraphQLError("The negotiation was changed meanwhile.", {
          extensions: { code: "CONFLICT", currentVersion: state.version },
        });
      if (input.targetMargin === "99%")
        throw new GraphQLError("The target cannot be reached.", {
          extensions: {
            code: "BAD_USER_INPUT",
            correlationId: "c0ffee00",
            fields: [{ path: "input.targetMargin", message: "No vendor can keep 99 %." }],
          },
        });
      w.bump(() => {
        state.version += 1;
        state.targets = {
          floorMargin: made.ratio(input.floorMargin as string, state.targets.floorMargin),
          targetMargin: made.ratio(input.targetMargin as string, state.targets.targetMargin),
          ceilingMargin: made.ratio(input.ceilingMargin as string, state.targets.ceilingMargin),
        };
      });
      return { negotiation, revision: state.revision, userErrors: [] };
    },
    setPosition: ({ input }: { input: Row }) => {
      if (input.version != null && input.version !== state.version)
        throw new GraphQLError("The negotiation was changed meanwhile.", {
          extensions: { code: "CONFLICT", currentVersion: state.version },
        });
      if (Number(input.shortfallLimit ?? 0) > 1)
        throw new GraphQLError("A limit is a share.", {
          extensions: {
            code: "BAD_USER_INPUT",
            fields: [{ path: "input.shortfallLimit", message: "From 0 to 1." }],
          },
        });
      const { negotiationId: _, version: __, ...changed } = input;
      w.bump(() => {
        state.version += 1;
        state.position = { ...state.position, ...changed };
      });
      return { negotiation, revision: state.revision, userErrors: [] };
    },
    decideMilestone: ({ input }: { input: Row }) => {
      const status = { APPROVE: "APPROVED", REJECT: "REJECTED", REOPEN: "PENDING" }[
        String(input.decision)
      ];
      const milestone = w.set(state.milestones, input.milestoneId, {
        status,
        late: false,
        decidedBy: status === "PENDING" ? null : "Local operator",
        decidedAt: status === "PENDING" ? null : made.instant(),
      });
      return { milestone, negotiation, revision: state.revision, userErrors: [] };
    },
    decideOffer: ({ input }: { input: Row }) => {
      const status = { ACCEPT: "ACCEPTED", REJECT: "REJECTED", WITHDRAW: "WITHDRAWN" }[
        String(input.decision)
      ];
      return {
        offer: w.set(state.offers, input.offerId, { status }),
        negotiation,
        revision: state.revision,
        userErrors: [],
      };
    },
    proposeOffer: ({ input }: { input: Row }) => {
      if (input.version != null && input.version !== state.version)
        throw new GraphQLError("The negotiation was changed meanwhile.", {
          extensions: { code: "CONFLICT", currentVersion: state.version },
        });
      refuseFaulty(input.terms as Record<string, Record<string, unknown>>[]);
      const [model] = offers();
      const offer: Row = {
        ...model,
        id: `offer-${state.offers.length + 1}-made`,
        round: 2,
        from: input.from,
        status: "PROPOSED",
        title: input.title,
        terms: TERMS,
        evaluation: () => draft(input.terms as never[]).evaluation,
        lint: [],
      };
      w.bump(() => {
        state.version += 1;
        state.offers = [...state.offers, offer];
      });
      return { offer, negotiation, revision: state.revision, userErrors: [] };
    },
  };
}

/** The present value of each topic. */
export function topics(w: Workspace): Topics {
  return {
    negotiationUpdated: () => shown(w),
  };
}
