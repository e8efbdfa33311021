/** Every decision on the identity and merging of cached objects. */
import {
  type FieldFunctionOptions,
  type FieldPolicy,
  InMemoryCache,
  type Reference,
  type TypePolicies,
} from "@apollo/client/cache";
import possibleTypes from "@/gql/possible-types.json";

interface Edge {
  cursor: string;
  node: Reference;
}

interface Connection {
  __typename?: string;
  edges: Edge[];
  pageInfo: { hasNextPage: boolean; endCursor?: string | null };
}

/**
 * Pages of a connection in one list. A pushed or refetched first page replaces the
 * pages it covers and keeps those that were loaded after it.
 */
export function connection(keyArgs: string[]): FieldPolicy<Connection> {
  return {
    keyArgs,
    merge(existing, incoming, { args }: FieldFunctionOptions) {
      if (!existing) return incoming;
      if (args?.after) {
        const seen = new Set(existing.edges.map(({ node }) => node.__ref));
        const fresh = incoming.edges.filter(({ node }) => !node.__ref || !seen.has(node.__ref));
        return { ...incoming, edges: [...existing.edges, ...fresh] };
      }
      const last = existing.edges.findIndex(({ cursor }) => cursor === incoming.pageInfo.endCursor);
      const later =
        incoming.pageInfo.hasNextPage && last >= 0 ? existing.edges.slice(last + 1) : [];
      if (later.length === 0) return incoming;
      const fresh = new Set(incoming.edges.map(({ node }) => node.__ref));
      return {
        ...incoming,
        edges: [...incoming.edges, ...later.filter(({ node }) => !fresh.has(node.__ref))],
        pageInfo: existing.pageInfo,
      };
    },
  };
}

// Parts of their owner, without an identity of their own: fields of two queries join.
const PART = { keyFields: false, merge: true } as const;
// Ids that are only unique within their owner: never shared between two owners.
const LOCAL_ID = { keyFields: false } as const;

const typePolicies: TypePolicies = {
  Query: {
    fields: {
      invoices: connection(["filter"]),
      notifications: connection(["status"]),
      changes: connection([]),
      ruleFirings: connection(["ruleId"]),
      conflicts: connection(["open"]),
      optOuts: connection([]),
      usageMappings: connection(["rule", "search"]),
      listRates: connection(["status"]),
      rules: { merge: false },
      ruleKinds: { merge: false },
    },
  },
  Negotiation: {
    fields: {
      skus: connection(["family"]),
      streams: { merge: false },
      dailySpend: { merge: false },
      rounds: { merge: false },
      milestones: { merge: false },
      // An offer that is in the cache already need not be fetched to be shown.
      offer: {
        read: (existing, { args, toReference }) =>
          existing ?? (args ? toReference({ __typename: "Offer", id: args.id }) : undefined),
      },
    },
  },
  Offer: { fields: { terms: { merge: false }, lint: { merge: false } } },
  // There is one of each.
  Health: { keyFields: [], fields: { components: { merge: false } } },
  SchemaVersion: { keyFields: [] },
  NotificationQueue: { keyFields: [] },
  TwilioImport: { keyFields: [], fields: { runs: { merge: false } } },
  UsageMapping: { keyFields: ["category"] },
  ListRate: { keyFields: ["sku"] },
  Envelope: PART,
  Targets: PART,
  Ladder: PART,
  TrailingSpend: PART,
  ContractDates: PART,
  OfferEvaluation: PART,
  RuleKindInfo: { keyFields: ["kind"] },
  HealthComponent: { keyFields: ["name"] },
  Change: { keyFields: ["hash"] },
  TraceStep: LOCAL_ID,
  InvoiceFinding: LOCAL_ID,
  RateTerm: LOCAL_ID,
  LadderTerm: LOCAL_ID,
  CommitmentTerm: LOCAL_ID,
  CreditTerm: LOCAL_ID,
  RampTerm: LOCAL_ID,
  PaymentTerm: LOCAL_ID,
  ShortfallTerm: LOCAL_ID,
  RenewalTerm: LOCAL_ID,
  PriceProtectionTerm: LOCAL_ID,
  QualitativeTerm: LOCAL_ID,
};

/** A cache that says when it has changed. */
export class ObservedCache extends InMemoryCache {
  onChange: () => void = () => {};

  protected override broadcastWatches(
    ...args: Parameters<InMemoryCache["broadcastWatches"]>
  ): void {
    super.broadcastWatches(...args);
    // The base constructor broadcasts before our own fields are there.
    this.onChange?.();
  }
}

export function createCache(): ObservedCache {
  return new ObservedCache({ typePolicies, possibleTypes });
}
