import { gql } from "@apollo/client";
import { afterEach, expect, test, vi } from "vitest";
import { createCache } from "./cache";
import { memoryShelf, openShelf, Persister } from "./persist";

const QUERY = gql`
  query {
    viewer {
      id
      name
    }
  }
`;
const VIEWER = { viewer: { __typename: "Viewer", id: "1", name: "Ada" } };

test("what was flushed is there after a reload, with its time", async () => {
  const shelf = memoryShelf();
  const before = createCache();
  before.writeQuery({ query: QUERY, data: VIEWER });
  await new Persister(before, shelf, "v1:local").flush();

  const after = createCache();
  const savedAt = await new Persister(after, shelf, "v1:local").restore();
  expect(savedAt).toBeGreaterThan(0);
  expect(after.readQuery({ query: QUERY })).toMatchObject({ viewer: { name: "Ada" } });
});

afterEach(() => vi.useRealTimers());

test("the first change is saved at once, a burst of them once a second", async () => {
  vi.useFakeTimers();
  let writes = 0;
  const shelf = {
    ...memoryShelf(),
    write: async () => {
      writes += 1;
    },
  };
  const cache = createCache();
  cache.writeQuery({ query: QUERY, data: VIEWER });
  const persister = new Persister(cache, shelf, "v1:local");

  persister.touch();
  await vi.advanceTimersByTimeAsync(100);
  expect(writes).toBe(1);
  for (let n = 0; n < 9; n += 1) {
    persister.touch();
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(writes).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(writes).toBe(2);
});

test("what another schema or another user left is dropped", async () => {
  const shelf = memoryShelf();
  const cache = createCache();
  cache.writeQuery({ query: QUERY, data: VIEWER });
  await new Persister(cache, shelf, "v1:ada").flush();
  expect(await new Persister(createCache(), shelf, "v2:ada").restore()).toBeNull();
  expect(await shelf.read("v1:ada")).toBeUndefined();
});

test("after signing out nothing is left, and nothing comes back", async () => {
  const shelf = memoryShelf();
  const cache = createCache();
  cache.writeQuery({ query: QUERY, data: VIEWER });
  const persister = new Persister(cache, shelf, "v1:ada");
  await persister.flush();
  await persister.drop();
  await persister.flush();
  expect(await shelf.read("v1:ada")).toBeUndefined();
});

test("damaged data is a miss, not a broken page", async () => {
  const shelf = memoryShelf();
  await shelf.write("k", { savedAt: 1, data: "oops" as never });
  expect(await new Persister(createCache(), shelf, "k").restore()).toBeNull();
});

test("the first shelf that works is taken, in the end memory", async () => {
  const broken = () => {
    throw new Error("blocked");
  };
  const unreadable = () => ({
    ...memoryShelf(),
    name: "unreadable",
    read: () => Promise.reject(new Error()),
  });
  expect((await openShelf([broken, unreadable, memoryShelf])).name).toBe("memory");
  expect((await openShelf([broken])).name).toBe("memory");
});
