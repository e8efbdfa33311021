/** The first page of the unfiltered list: the query and its subscription must agree on it. */
export const INVOICES_PAGE = 100;
