import { type Action, useAction } from "@/apollo/use-action";
import {
  DisputeInvoiceDocument,
  type DisputeInvoiceMutation,
  type DisputeInvoiceMutationVariables,
} from "@/gql/graphql";

export function useDisputeInvoice(): Action<
  DisputeInvoiceMutation,
  DisputeInvoiceMutationVariables
> {
  return useAction(DisputeInvoiceDocument, (data) => data.disputeInvoice);
}
