/** The REST reference: reads /openapi.json, lists every path, and lets one try it. Self-hosted. */
import "@/design/theme.css";
import { StrictMode, useEffect, useId, useState } from "react";
import { createRoot } from "react-dom/client";
import { session } from "@/apollo/session";
import { Button } from "@/design/button";
import { LiquidGlassCard } from "@/design/liquid-glass-card";
import { SkeletonRows } from "@/design/skeleton";
import { Failed } from "@/design/states";
import { applyPreferences } from "@/lib/preferences";
import {
  type Document,
  type Endpoint,
  endpoints,
  example,
  resolve,
  type Schema,
  typeName,
} from "./openapi";

interface Answer {
  status: number;
  text: string;
}

async function call({ method, path }: Endpoint, body: string): Promise<Answer> {
  const { token } = session.get();
  const response = await fetch(path, {
    method,
    headers: {
      ...(body ? { "content-type": "application/json" } : {}),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body } : {}),
  });
  const text = await response.text();
  try {
    return { status: response.status, text: JSON.stringify(JSON.parse(text), null, 2) };
  } catch {
    return { status: response.status, text };
  }
}

function Fields({ schema, document }: { schema: Schema | undefined; document: Document }) {
  const resolved = resolve(schema, document);
  if (!resolved?.properties) return <p className="text-muted">{typeName(schema)}</p>;
  return (
    <dl className="grid gap-1">
      {Object.entries(resolved.properties).map(([name, own]) => (
        <div key={name} className="flex flex-wrap gap-x-3">
          <dt>
            <code>{name}</code>
            {resolved.required?.includes(name) && <span className="text-bad"> *</span>}
          </dt>
          <dd className="text-muted">
            {typeName(own)}
            {own.description ? `: ${own.description}` : ""}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Try({ endpoint, document }: { endpoint: Endpoint; document: Document }) {
  const id = useId();
  const schema = endpoint.operation.requestBody?.content["application/json"]?.schema;
  const [path, setPath] = useState(endpoint.path);
  const [body, setBody] = useState(
    schema ? JSON.stringify(example(schema, document), null, 2) : "",
  );
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    const failed = (error: Error): Answer => ({ status: 0, text: error.message });
    setAnswer(await call({ ...endpoint, path }, body).catch(failed));
    setBusy(false);
  };
  return (
    <div className="mt-3 grid gap-2">
      <div className="flex gap-2">
        <input
          aria-label="Path"
          value={path}
          onChange={(event) => setPath(event.target.value)}
          className="h-9 min-w-0 grow rounded-xl bg-raised px-3 font-mono text-sm ring-1 ring-edge/60 ring-inset"
        />
        <Button look="primary" busy={busy} onClick={() => void send()}>
          Try
        </Button>
      </div>
      {schema && (
        <>
          <label htmlFor={id} className="text-[0.8125rem] font-medium">
            Body
          </label>
          <textarea
            id={id}
            value={body}
            onChange={(event) => setBody(event.target.value)}
            spellCheck={false}
            className="min-h-28 rounded-xl bg-raised p-3 font-mono text-xs ring-1 ring-edge/60 ring-inset"
          />
        </>
      )}
      {answer && (
        <div role="status">
          <p className="text-sm font-medium">
            {answer.status === 0 ? "No answer" : `Status ${answer.status}`}
          </p>
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable region takes focus
            tabIndex={0}
            className="well mt-1 max-h-96 overflow-auto p-3 text-xs"
          >
            {answer.text}
          </pre>
        </div>
      )}
    </div>
  );
}

function Card({ endpoint, document }: { endpoint: Endpoint; document: Document }) {
  const { method, path, operation } = endpoint;
  const schema = operation.requestBody?.content["application/json"]?.schema;
  return (
    <LiquidGlassCard
      title={
        <>
          <span className="mr-2 rounded-md bg-accent/14 px-1.5 py-0.5 font-mono text-xs text-accent">
            {method}
          </span>
          <code className="text-sm">{path}</code>
        </>
      }
      hint={operation.summary}
    >
      <div className="grid gap-3 text-sm">
        {operation.description && <p>{operation.description}</p>}
        {operation.parameters && operation.parameters.length > 0 && (
          <section>
            <h3 className="mb-1 text-[0.8125rem] font-semibold">Parameters</h3>
            <dl className="grid gap-1">
              {operation.parameters.map((parameter) => (
                <div key={parameter.name} className="flex flex-wrap gap-x-3">
                  <dt>
                    <code>{parameter.name}</code> <span className="text-muted">{parameter.in}</span>
                  </dt>
                  <dd className="text-muted">
                    {typeName(parameter.schema)}
                    {parameter.description ? `: ${parameter.description}` : ""}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        )}
        {schema && (
          <section>
            <h3 className="mb-1 text-[0.8125rem] font-semibold">Body: {typeName(schema)}</h3>
            <Fields schema={schema} document={document} />
          </section>
        )}
        <section>
          <h3 className="mb-1 text-[0.8125rem] font-semibold">Answers</h3>
          <dl className="grid gap-1">
            {Object.entries(operation.responses).map(([status, response]) => (
              <div key={status} className="flex gap-3">
                <dt className="font-mono">{status}</dt>
                <dd className="text-muted">
                  {response.description}
                  {response.content && `, ${typeName(Object.values(response.content)[0]?.schema)}`}
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      <Try endpoint={endpoint} document={document} />
    </LiquidGlassCard>
  );
}

function Reference() {
  const [document, setDocument] = useState<Document | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const load = () => {
    setFailure(null);
    fetch("/openapi.json")
      .then((response) => response.json())
      .then(setDocument, (error: Error) => setFailure(error.message));
  };
  useEffect(load, []);
  return (
    <main className="mx-auto grid max-w-4xl gap-5 px-4 py-8">
      <header className="flex flex-wrap items-baseline justify-between gap-4">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">
            {document?.info.title ?? "REST reference"}
          </h1>
          <p className="text-muted">{document?.info.summary ?? document?.info.description ?? ""}</p>
        </div>
        <nav className="flex gap-4 text-sm text-accent">
          <a href="/">Dashboard</a>
          <a href="/graphiql">GraphiQL</a>
          <a href="/openapi.json">openapi.json</a>
        </nav>
      </header>
      {failure ? (
        <Failed title="The reference could not be read" detail={failure} onRetry={load} />
      ) : document ? (
        endpoints(document).map((endpoint) => (
          <Card
            key={`${endpoint.method} ${endpoint.path}`}
            endpoint={endpoint}
            document={document}
          />
        ))
      ) : (
        <SkeletonRows rows={8} />
      )}
    </main>
  );
}

applyPreferences();
const root = document.getElementById("reference");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Reference />
    </StrictMode>,
  );
