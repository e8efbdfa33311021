/**
 * One subscriber per topic; they render nothing. What they receive is in the cache by
 * its identity; only lists, which have none, are put in their place by hand. Topics of
 * one screen alone have their subscriber beside it.
 */
import type { OperationVariables } from "@apollo/client";
import { useApolloClient } from "@apollo/client/react";
import { useRef } from "react";
import {
  HealthUpdatedDocument,
  InvoicesDocument,
  InvoicesUpdatedDocument,
  NegotiationUpdatedDocument,
  NotificationsDocument,
  NotificationsUpdatedDocument,
} from "@/gql/graphql";
import { INVOICES_PAGE } from "../invoices/invoices";
import { NOTIFICATIONS_PAGE } from "../notifications/notifications";
import { useTopic } from "./use-topic";

export function NegotiationSubscriber() {
  useTopic(NegotiationUpdatedDocument, {});
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
  "NotificationHistory",
  "UsageMappings",
  "ListRates",
  "OptOuts",
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
