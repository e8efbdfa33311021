/** Rules in the mock gateway: saved by version, tried out, what they said. */
import { GraphQLError } from "graphql";
import { firing, RULE_KINDS, rule, rulePreview } from "../made-rules.ts";
import { page, type Row, type Topics, type Workspace } from "./page.ts";

function nextVersion(w: Workspace, id: unknown): number {
  return Number(w.state.rules.find((known) => known.id === id)?.version ?? 0) + 1;
}

function saveRule(w: Workspace, input: Row): Row {
  const { rules, revision } = w.state;
  const { problems } = rulePreview(input) as {
    problems: { field: string; message: string }[];
  };
  if (problems.length > 0)
    throw new GraphQLError("The rule cannot be saved.", {
      extensions: {
        code: "BAD_USER_INPUT",
        fields: problems.map(({ field, message }) => ({ path: field, message })),
      },
    });
  const known = rules.find(({ id }) => id === input.id);
  if (known && known.version !== input.version)
    throw new GraphQLError("The rule was changed meanwhile.", {
      extensions: { code: "CONFLICT", currentVersion: known.version },
    });
  const text = input.template ?? RULE_KINDS.find(({ kind }) => kind === input.kind)?.text;
  const saved = known
    ? w.set(rules, known.id, { ...input, text, version: Number(known.version) + 1 })
    : rule({ ...input, id: `rule-${rules.length + 1}`, text, version: 1 });
  if (!known) w.bump(() => rules.push(saved as Row));
  return { rule: saved, revision, userErrors: [] };
}

export function fields(w: Workspace): Row {
  const { state } = w;
  return {
    rules: state.rules,
    ruleKinds: RULE_KINDS,
    ruleFirings: (args: Row) => page(state.firings, args),
    previewRule: ({ input }: { input: Row }) => rulePreview(input),
    saveRule: ({ input }: { input: Row }) => saveRule(w, input),
    enableRule: ({ id, enabled }: Row) => ({
      rule: w.set(state.rules, id, { enabled, version: nextVersion(w, id) }),
      revision: state.revision,
      userErrors: [],
    }),
    deleteRule: ({ id }: Row) => {
      w.bump(() => {
        state.rules = state.rules.filter((known) => known.id !== id);
      });
      return { id, revision: state.revision, userErrors: [] };
    },
    testRule: ({ id }: Row) => {
      const of = state.rules.find((known) => known.id === id) ?? rule();
      const said = firing(of, {
        id: `firing-${state.firings.length + 1}`,
        test: true,
        notifications: [w.message({ body: "A test" })],
      });
      w.bump(() => state.firings.unshift(said));
      return { firing: said, revision: state.revision, userErrors: [] };
    },
  };
}

/** The present value of each topic. */
export function topics(w: Workspace): Topics {
  return {
    rulesUpdated: () => w.state.rules,
    ruleFiringsUpdated: (args) => page(w.state.firings, args),
  };
}
