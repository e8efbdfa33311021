// The common room for the peers: the same SDL, data and behaviour as servers/room.py.
// Arguments: the file with the SDL and the data.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

export const { sdl, room: roomData, dashboard: dashboardData } = JSON.parse(
  readFileSync(process.argv[2], "utf8"),
);
let sequence = 0;
let changed = Promise.withResolvers();

export function publish(number) {
  sequence = number ?? sequence + 1;
  changed.resolve();
  changed = Promise.withResolvers();
}

// The present value at once, then the newest after each change.
async function* watch(key) {
  let seen = -1;
  for (;;) {
    if (seen === sequence) await changed.promise;
    seen = sequence;
    yield { room: { ...roomData, sequence, key } };
  }
}

export const resolvers = {
  Query: {
    dashboard: (_, { rows }) => ({
      ...dashboardData,
      sequence,
      rows: dashboardData.rows.slice(0, rows),
    }),
  },
  Subscription: { room: { subscribe: (_, { key }) => watch(key) } },
};

// The benchmark's own door: POST /publish takes a number; a request with x-bench-cold meets a new revision.
export function control(request, response) {
  if (request.url === "/publish") {
    let body = "";
    request.on("data", (chunk) => (body += chunk));
    request.on("end", () => {
      publish(Number(body));
      response.writeHead(204, { "content-length": 0 }).end();
    });
    return true;
  }
  if (request.headers["x-bench-cold"] === "1") publish();
  return false;
}

// A server whose requests go through the door first.
export function serve(handler) {
  const server = createServer((request, response) => {
    if (!control(request, response)) handler(request, response);
  });
  server.keepAliveTimeout = 60_000;
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => told(server.address().port));
  return server;
}

export function told(port) {
  console.log(JSON.stringify({ port }));
  process.on("SIGTERM", () => process.exit(0));
}
