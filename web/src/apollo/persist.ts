/**
 * The cache on disk, so that a reload shows the last truth at once, gateway or not.
 * IndexedDB, else the Cache API, else memory. Keyed by schema version and user: what
 * another version or another user left is dropped.
 */
import type { ApolloCache } from "@apollo/client/cache";
import { clear, createStore as createDatabase, del, get, keys, set } from "idb-keyval";

export interface Saved {
  savedAt: number;
  data: Record<string, unknown>;
}

export interface Shelf {
  name: string;
  read(key: string): Promise<Saved | undefined>;
  write(key: string, saved: Saved): Promise<void>;
  /** Drop everything but `key`. */
  keepOnly(key: string): Promise<void>;
  clear(): Promise<void>;
}

export function indexedDbShelf(): Shelf {
  const database = createDatabase("negotiation", "cache");
  return {
    name: "IndexedDB",
    read: (key) => get<Saved>(key, database),
    write: (key, saved) => set(key, saved, database),
    async keepOnly(key) {
      for (const other of await keys(database)) if (other !== key) await del(other, database);
    },
    clear: () => clear(database),
  };
}

export function cacheApiShelf(storage: CacheStorage = caches): Shelf {
  const NAME = "negotiation-data";
  const url = (key: string) => `/__data/${encodeURIComponent(key)}`;
  return {
    name: "Cache API",
    async read(key) {
      const found = await (await storage.open(NAME)).match(url(key));
      return found ? ((await found.json()) as Saved) : undefined;
    },
    async write(key, saved) {
      await (await storage.open(NAME)).put(url(key), new Response(JSON.stringify(saved)));
    },
    async keepOnly(key) {
      const shelf = await storage.open(NAME);
      for (const request of await shelf.keys())
        if (new URL(request.url).pathname !== url(key)) await shelf.delete(request);
    },
    async clear() {
      await storage.delete(NAME);
    },
  };
}

export function memoryShelf(): Shelf {
  const kept = new Map<string, Saved>();
  return {
    name: "memory",
    read: async (key) => kept.get(key),
    write: async (key, saved) => void kept.set(key, saved),
    async keepOnly(key) {
      for (const other of kept.keys()) if (other !== key) kept.delete(other);
    },
    clear: async () => kept.clear(),
  };
}

/** The first shelf that can be read. */
export async function openShelf(
  makers: (() => Shelf)[] = [indexedDbShelf, cacheApiShelf, memoryShelf],
): Promise<Shelf> {
  for (const make of makers) {
    try {
      const shelf = make();
      await shelf.read("probe");
      return shelf;
    } catch {
      // Not here: private mode, blocked storage, an insecure origin.
    }
  }
  return memoryShelf();
}

/** Queries and entities only: what a subscription or a mutation answered is in them already. */
function worthKeeping(extract: Record<string, unknown>): Record<string, unknown> {
  const { ROOT_SUBSCRIPTION: _s, ROOT_MUTATION: _m, ...kept } = extract;
  return kept;
}

const SOON = 50;
const REST = 1_000;

export class Persister {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly cache: ApolloCache;
  private readonly shelf: Shelf;
  private readonly key: string;
  private stopped = false;
  private flushedAt = 0;

  constructor(cache: ApolloCache, shelf: Shelf, key: string) {
    this.cache = cache;
    this.shelf = shelf;
    this.key = key;
  }

  /** Puts the saved data into the cache; answers when it was saved, null when there is none. */
  async restore(): Promise<number | null> {
    await this.shelf.keepOnly(this.key).catch(() => {});
    // The page that was here before may still hold the shelf for a moment.
    for (let attempt = 0; attempt < 4; attempt += 1) {
      if (attempt > 0) await new Promise((done) => setTimeout(done, 50 * attempt));
      const saved = await this.shelf.read(this.key).catch(() => null);
      if (saved === undefined) return null;
      if (saved === null) continue;
      if (typeof saved.data !== "object") return null;
      this.cache.restore(saved.data as never);
      return saved.savedAt;
    }
    return null; // Unreadable is a miss; the next flush mends it.
  }

  /** Something changed: save it at once, and what follows within a second together. A page that goes away cannot wait. */
  touch(): void {
    if (this.timer || this.stopped) return;
    const wait = Math.max(SOON, this.flushedAt + REST - Date.now());
    this.timer = setTimeout(() => void this.flush(), Math.min(wait, REST));
  }

  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.stopped) return;
    const data = worthKeeping(this.cache.extract() as Record<string, unknown>);
    if (Object.keys(data).length === 0) return;
    this.flushedAt = Date.now();
    await this.shelf.write(this.key, { savedAt: Date.now(), data }).catch(() => {});
  }

  /** Sign-out: nothing stays. */
  async drop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.shelf.clear().catch(() => {});
  }
}
