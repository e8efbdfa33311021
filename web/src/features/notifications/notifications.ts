/** The first page of the queue: the query and its subscription must agree on it. */
export const NOTIFICATIONS_PAGE = 50;
