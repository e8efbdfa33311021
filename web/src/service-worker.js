/*
 * Lets the page load while the gateway is down; the data then comes from the cache
 * on disk. Pages: the network first. Files named by their content: the cache first.
 * The API is never touched.
 */
const CACHE = "app-__VERSION__";
const FILES = ["__FILES__"];

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names.filter((n) => n.startsWith("app-") && n !== CACHE).map((n) => caches.delete(n)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

async function page(request) {
  const explorer = new URL(request.url).pathname.startsWith("/graphiql");
  const key = explorer ? "/graphiql" : "/";
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(key, response.clone());
    if (response.status < 502) return response;
    return (await cache.match(key)) ?? response;
  } catch (error) {
    const kept = await cache.match(key);
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/assets/") || FILES.includes(url.pathname, 1))
    event.respondWith(file(request));
  else if (request.mode === "navigate" && !/^\/(api|docs|metrics|graphql)(\/|$)/.test(url.pathname))
    event.respondWith(page(request));
});
