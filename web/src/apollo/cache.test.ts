import { gql } from "@apollo/client";
import { expect, test } from "vitest";
import { createCache } from "./cache";

const PAGE = gql`
  query P($first: Int!, $after: String) {
    changes(first: $first, after: $after) {
      edges {
        cursor
        node {
          hash
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

function page(ids: string[], more: boolean) {
  return {
    __typename: "Query" as const,
    changes: {
      __typename: "ChangeConnection",
      edges: ids.map((id) => ({
        __typename: "ChangeEdge",
        cursor: id,
        node: { __typename: "Change", hash: id },
      })),
      pageInfo: { __typename: "PageInfo", hasNextPage: more, endCursor: ids.at(-1) ?? null },
    },
  };
}

function shown(cache: ReturnType<typeof createCache>): string[] {
  const data = cache.readQuery<ReturnType<typeof page>>({ query: PAGE, variables: { first: 2 } });
  return data?.changes.edges.map(({ cursor }) => cursor) ?? [];
}

test("pages make one list, and a new first page keeps the pages after it", () => {
  const cache = createCache();
  cache.writeQuery({ query: PAGE, variables: { first: 2 }, data: page(["d", "c"], true) });
  cache.writeQuery({
    query: PAGE,
    variables: { first: 2, after: "c" },
    data: page(["b", "a"], false),
  });
  expect(shown(cache)).toEqual(["d", "c", "b", "a"]);
  cache.writeQuery({ query: PAGE, variables: { first: 2 }, data: page(["d", "c"], true) });
  expect(shown(cache)).toEqual(["d", "c", "b", "a"]);
});

test("a first page that no longer joins on replaces the list: no holes", () => {
  const cache = createCache();
  cache.writeQuery({ query: PAGE, variables: { first: 2 }, data: page(["d", "c"], true) });
  cache.writeQuery({ query: PAGE, variables: { first: 2 }, data: page(["h", "g"], true) });
  expect(shown(cache)).toEqual(["h", "g"]);
});

test("terms with the same id in two offers stay two terms", () => {
  const cache = createCache();
  const query = gql`
    query O($id: ID!) {
      node(id: $id) {
        id
        ... on Offer {
          terms {
            ... on PaymentTerm {
              id
              netDays
            }
          }
        }
      }
    }
  `;
  for (const [id, netDays] of [
    ["o1", 30],
    ["o2", 45],
  ] as const)
    cache.writeQuery({
      query,
      variables: { id },
      data: {
        node: {
          __typename: "Offer",
          id,
          terms: [{ __typename: "PaymentTerm", id: "t1", netDays }],
        },
      },
    });
  expect(cache.readQuery({ query, variables: { id: "o1" } })).toMatchObject({
    node: { terms: [{ netDays: 30 }] },
  });
});

test("a push without arguments joins what another query knew of the same part", () => {
  const cache = createCache();
  const write = (selection: string, envelope: Record<string, string>) =>
    cache.writeQuery({
      query: gql`query { negotiation { id envelope { ${selection} } } }`,
      data: {
        negotiation: {
          __typename: "Negotiation",
          id: "n",
          envelope: { __typename: "Envelope", ...envelope },
        },
      },
    });
  write("revenue expense", { revenue: "1", expense: "2" });
  write("revenue", { revenue: "3" });
  expect(
    cache.readQuery({ query: gql`query { negotiation { id envelope { revenue expense } } }` }),
  ).toMatchObject({ negotiation: { envelope: { revenue: "3", expense: "2" } } });
});

test("it says when it has changed", () => {
  const cache = createCache();
  let changes = 0;
  cache.onChange = () => {
    changes += 1;
  };
  cache.writeQuery({ query: PAGE, variables: { first: 2 }, data: page(["a"], false) });
  expect(changes).toBeGreaterThan(0);
});
