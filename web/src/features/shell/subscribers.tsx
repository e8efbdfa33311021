/**
 * One subscriber per topic; they render nothing. What they receive is in the cache by
 * its identity; only lists, which have none, are put in their place by hand.
 */
import type { ApolloClient, OperationVariables, TypedDocumentNode } from "@apollo/client";
import { useApolloClient, useSubscription } from "@apollo/client/react";
import { useEffect, useRef } from "react";
import {
  GuestUpdatedDocument,
  HealthUpdatedDocument,
  InvoicesDocument,
  InvoicesUpdatedDocument,
  NegotiationUpdatedDocument,
  NotificationsDocument,
  NotificationsUpdatedDocument,
  OffersUpdatedDocument,
} from "@/gql/graphql";
import { INVOICES_PAGE } from "../invoices/invoices";
import { NOTIFICATIONS_PAGE } from "../notifications/notifications";

const RESTART_AFTER = 20_000;

function useTopic<Data, Variables extends OperationVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  onData?: (data: Data, client: ApolloClient) => void,
): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The socket retries by itself; this is for a topic that ended or was refused.
  const restartLater = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => restart(), RESTART_AFTER);
  };
  const { restart } = useSubscription(document, {
    variables: variables as never,
    ignoreResults: true,
    onData: ({ data, client }: useSubscription.OnDataOptions<Data>) => {
      if (data.data) onData?.(data.data as Data, client);
    },
    onError: restartLater,
    onComplete: restartLater,
  } as never);
  useEffect(() => () => clearTimeout(timer.current), []);
}

export function NegotiationSubscriber() {
  useTopic(NegotiationUpdatedDocument, {});
  return null;
}

/** In place of all others where the viewer is the vendor's. */
export function GuestSubscriber() {
  useTopic(GuestUpdatedDocument, {});
  return null;
}

/** On the offers screen only: evaluations are dear. */
export function OffersSubscriber() {
  useTopic(OffersUpdatedDocument, {});
  return null;
}

export function InvoicesSubscriber() {
  useTopic(InvoicesUpdatedDocument, { first: INVOICES_PAGE }, (data, client) => {
    client.cache.writeQuery({
      query: InvoicesDocument,
      variables: { first: INVOICES_PAGE },
      data: { __typename: "Query", invoices: data.invoicesUpdated },
    });
  });
  return null;
}

export function NotificationsSubscriber() {
  useTopic(NotificationsUpdatedDocument, { first: NOTIFICATIONS_PAGE }, (data, client) => {
    client.cache.writeQuery({
      query: NotificationsDocument,
      variables: { first: NOTIFICATIONS_PAGE },
      data: { __typename: "Query", notifications: data.notificationsUpdated },
    });
  });
  return null;
}

/** What no topic carries: asked for again when the store has a new revision. */
const UNPUSHED = new Set([
  "Changes",
  "Catalog",
  "WhatIf",
  "OfferDetail",
  "OfferOpeners",
  "OfferDiff",
  "CounterOffers",
  "Draft",
  "FamiliesForWhatIf",
  "InvoiceLines",
  "Position",
  "Forecast",
]);

function isUnpushed(name: string | undefined, variables: OperationVariables | undefined): boolean {
  if (name === "Invoices") return Boolean(variables?.filter);
  if (name === "Notifications") return Boolean(variables?.status);
  return name !== undefined && UNPUSHED.has(name);
}

export function HealthSubscriber() {
  const client = useApolloClient();
  const revision = useRef<number>(undefined);
  useTopic(HealthUpdatedDocument, {}, (data) => {
    const before = revision.current;
    revision.current = data.healthUpdated.revision;
    if (before === undefined || before === revision.current) return;
    void client.refetchQueries({
      include: "active",
      onQueryUpdated: (query) => isUnpushed(query.queryName, query.variables),
    });
  });
  return null;
}
