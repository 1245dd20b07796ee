import { type ArgumentNames, nameKeys } from "./argument-names";
import { type ProviderFamily, rulesOf } from "./families";
import { isSchema, type JsonSchema } from "./json-schema";
import { mostNodes, SchemaWalk } from "./schema-walk";

export type SendableSchema =
  | { ok: true; schema: JsonSchema; names: ArgumentNames }
  /** In words, for an admin and for the chat. */
  | { ok: false; reason: string };

/** How deep a schema is sent; anything below accepts any value. The first that is small enough. */
const depths = [8, 5, 3, 2];
/** For one tool. */
const mostCharacters = 100_000;

/**
 * A tool's JSON Schema in the form that a provider's API accepts, and the mapping from its names back to the
 * server's own. References are inlined, alternatives at the top become one object, and a keyword that
 * the API rejects is omitted: a schema tells a model what to write, and the server checks what it receives.
 */
export function sendableSchema(schema: unknown, family: ProviderFamily): SendableSchema {
  const root = isSchema(schema) ? schema : {};
  const rules = rulesOf(family);
  const keys = nameKeys(root);
  for (const depth of depths) {
    const walk = new SchemaWalk(root, rules, keys, depth);
    const { schema: sent, names } = walk.top();
    if (walk.nodes <= mostNodes && JSON.stringify(sent).length <= mostCharacters) {
      return { ok: true, schema: sent, names };
    }
  }
  return { ok: false, reason: "The schema of its arguments is too large for a model." };
}
