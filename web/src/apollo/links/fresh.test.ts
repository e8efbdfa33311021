import { ApolloClient, ApolloLink, gql, InMemoryCache } from "@apollo/client";
import { Observable } from "rxjs";
import { expect, test } from "vitest";
import { createFreshLink } from "./fresh";

const QUERY = gql`
  query Q {
    value
  }
`;

/** A server whose n-th answer is n, with something happening while it is on its way. */
function asking(during: (n: number) => void) {
  const transport = { pushes: 0 };
  let asked = 0;
  const server = new ApolloLink(
    () =>
      new Observable((observer) => {
        asked += 1;
        const mine = asked;
        queueMicrotask(() => {
          during(mine);
          observer.next({ data: { value: mine } });
          observer.complete();
        });
      }),
  );
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: createFreshLink(transport).concat(server),
  });
  return { transport, client, asked: () => asked };
}

test("an answer that no push overtook is taken", async () => {
  const { client, asked } = asking(() => {});
  expect((await client.query({ query: QUERY })).data).toEqual({ value: 1 });
  expect(asked()).toBe(1);
});

test("an answer that a push overtook is asked for again", async () => {
  const { client, transport, asked } = asking((n) => {
    if (n === 1) transport.pushes += 1;
  });
  expect((await client.query({ query: QUERY })).data).toEqual({ value: 2 });
  expect(asked()).toBe(2);
});

test("a steady stream of pushes does not ask for ever", async () => {
  const { client, transport, asked } = asking(() => {
    transport.pushes += 1;
  });
  await client.query({ query: QUERY });
  expect(asked()).toBe(3);
});
