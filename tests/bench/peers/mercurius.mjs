// mercurius with its JIT, over HTTP.
import Fastify from "fastify";
import mercurius from "mercurius";
import { createServer } from "node:http";
import { control, resolvers, sdl, told } from "./room.mjs";

const app = Fastify({
  serverFactory: (handler) =>
    createServer((request, response) => {
      if (!control(request, response)) handler(request, response);
    }),
});
app.register(mercurius, { schema: sdl, resolvers: { Query: resolvers.Query }, jit: 1 });
await app.listen({ port: 0, host: "127.0.0.1" });
told(app.server.address().port);
