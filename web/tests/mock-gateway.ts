/**
 * A gateway to test against: the committed SDL over made data, on a real HTTP server and
 * a real graphql-transport-ws socket that can be cut. By hand: `node tests/mock-gateway.ts 8000`.
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { extname, join } from "node:path";
import { buildSchema, type GraphQLSchema, graphql, subscribe } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { MockWorkspace, SDL } from "./mock-workspace.ts";
import { guard } from "./permissions.ts";

const DIST = join(import.meta.dirname, "..", "dist");
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".ttf": "font/ttf",
  ".json": "application/json",
  ".webmanifest": "application/manifest+json",
};
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

export class MockGateway extends MockWorkspace {
  /** Refuse new sockets, as a proxy that knows no WebSocket does. */
  refuseSockets = false;
  /** Operations that came over HTTP, by name. */
  asked: string[] = [];
  private readonly schema: GraphQLSchema = buildSchema(SDL.toString("utf8"));
  private server: Server | undefined;
  private sockets: WebSocketServer | undefined;
  private readonly connections = new Set<Socket>();
  port = 0;

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  constructor() {
    super();
    guard(this.schema, () => this.state.roles);
  }

  async start(port = 0): Promise<void> {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.on("connection", (socket) => {
      this.connections.add(socket);
      socket.on("close", () => this.connections.delete(socket));
    });
    this.sockets = new WebSocketServer({
      noServer: true,
      handleProtocols: () => "graphql-transport-ws",
    });
    // biome-ignore lint/correctness/useHookAtTopLevel: not a hook, the name of the library's function
    useServer(
      {
        schema: this.schema,
        subscribe: (args) => subscribe({ ...args, rootValue: this.subscriptions() }),
      },
      this.sockets,
    );
    this.server.on("upgrade", (request, socket, head) => {
      if (this.refuseSockets) return socket.destroy();
      this.sockets?.handleUpgrade(request, socket, head, (client) =>
        this.sockets?.emit("connection", client, request),
      );
    });
    await new Promise<void>((resolve) => this.server?.listen(port, "127.0.0.1", resolve));
    const address = this.server.address();
    this.port = typeof address === "object" && address ? address.port : port;
  }

  async stop(): Promise<void> {
    for (const client of this.sockets?.clients ?? []) client.terminate();
    for (const socket of this.connections) socket.destroy();
    await new Promise<void>((resolve) => this.server?.close(() => resolve()) ?? resolve());
  }

  cutSockets(): void {
    for (const client of this.sockets?.clients ?? []) client.terminate();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://mock");
    if (pathname === "/graphql") return this.answer(request, response);
    if (pathname.startsWith("/api/v1/exports")) return this.exported(pathname, response);
    const named = pathname === "/graphiql" ? "explorer/index.html" : pathname.slice(1);
    const wanted = join(DIST, named);
    const file =
      named && wanted.startsWith(DIST) && existsSync(wanted) && statSync(wanted).isFile()
        ? wanted
        : join(DIST, "index.html");
    response.writeHead(200, {
      "content-type": TYPES[extname(file)] ?? "application/octet-stream",
      "content-security-policy": CSP,
      "cache-control": pathname.startsWith("/assets/")
        ? "public, max-age=31536000, immutable"
        : "no-cache",
    });
    createReadStream(file).pipe(response);
  }

  private exported(pathname: string, response: ServerResponse): void {
    const files = [
      { name: "offers", title: "Offers assessed", path: "/api/v1/exports/offers.csv" },
      { name: "briefing", title: "Briefing", path: "/api/v1/exports/briefing.pdf" },
    ];
    if (this.state.roles.includes("vendor_guest") && pathname !== "/api/v1/exports") {
      response.writeHead(403, { "content-type": "application/json" });
      response.end('{"code":"FORBIDDEN","message":"No."}');
      return;
    }
    const list = pathname === "/api/v1/exports";
    response.writeHead(200, { "content-type": list ? "application/json" : "text/csv" });
    response.end(
      list ? JSON.stringify({ exports: files }) : "offer,cash\r\noffer-11,1500000.00\r\n",
    );
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { query, variables, operationName } = JSON.parse(
      Buffer.concat(chunks).toString("utf8") || "{}",
    );
    this.asked.push(operationName ?? "");
    if (this.state.delay) await new Promise((resolve) => setTimeout(resolve, this.state.delay));
    const result = await graphql({
      schema: this.schema,
      source: query,
      rootValue: this.root(),
      variableValues: variables,
      operationName,
    });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(result));
  }
}

if (process.argv[1] === import.meta.filename) {
  const gateway = new MockGateway();
  await gateway.start(Number(process.argv[2] ?? 8000));
  console.log(`The mock gateway is on ${gateway.url}`);
}
