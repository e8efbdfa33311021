// Supabase Lite on a free port of this machine, which is printed; it ends when its standard input does.
//   node serve.mjs rest FOLDER_OF_THE_SOCKET    its REST interface over that PostgreSQL
//   node serve.mjs auth FOLDER                  its Auth, over a database of its own in the folder
// The keys and the secret of the tokens are in the environment: PUBLISHABLE_KEY, SECRET_KEY, JWT_SECRET.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serve } from "@hono/node-server";
import { App } from "@supabase/lite";

const [what, folder] = process.argv.slice(2);
const { PUBLISHABLE_KEY, SECRET_KEY, JWT_SECRET } = process.env;

async function overPostgres() {
  const { createPostgresConnection } = await import("@supabase/lite/postgres");
  return createPostgresConnection({
    url: "postgres://postgres@localhost/postgres",
    postgresOptions: { path: `${folder}/.s.PGSQL.5432`, max: 4, onnotice() {} },
  });
}

async function overItsOwnFile() {
  const { createConnection } = await import("@supabase/lite/sqlite");
  mkdirSync(`${folder}/supabase`, { recursive: true });
  writeFileSync(
    `${folder}/supabase/config.toml`,
    `[db]\ndriver = "sqlite-postgres"\nurl = "file:./data.db"\n[auth]\nenabled = true\njwt_secret = "${JWT_SECRET}"\n`,
  );
  const command = fileURLToPath(new URL("node_modules/@supabase/lite/dist/cli/index.js", import.meta.url));
  const made = spawnSync(process.execPath, [command, "--no-telemetry", "db", "reset"], { cwd: folder, encoding: "utf8" });
  if (made.status !== 0) throw new Error(made.stdout + made.stderr);
  return createConnection({ url: `file:${folder}/data.db` });
}

const connection = await (what === "rest" ? overPostgres() : overItsOwnFile());
const app = new App({
  connection,
  auth: {
    enabled: what === "auth",
    jwt_secret: JWT_SECRET,
    publishable_key: PUBLISHABLE_KEY,
    secret_key: SECRET_KEY,
    email: { enable_confirmations: false },
  },
  api: { max_rows: Number(process.env.MAX_ROWS ?? 1000) },
});

process.stdin.resume().on("end", () => process.exit(0));
serve(
  {
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request, env) => app.fetch(request, { peerAddress: env.incoming.socket.remoteAddress ?? null }),
  },
  ({ port }) => console.log(`port ${port}`),
);
