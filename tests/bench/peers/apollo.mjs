// Apollo Server with graphql-ws, joined as Apollo's documentation has it.
import { ApolloServer } from "@apollo/server";
import { expressMiddleware } from "@as-integrations/express5";
import { makeExecutableSchema } from "@graphql-tools/schema";
import express from "express";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import { resolvers, sdl, serve } from "./room.mjs";

const schema = makeExecutableSchema({ typeDefs: sdl, resolvers });
const apollo = new ApolloServer({ schema, introspection: false });
await apollo.start();
const app = express();
app.use("/graphql", express.json(), expressMiddleware(apollo));
useServer({ schema }, new WebSocketServer({ server: serve(app), path: "/graphql" }));
