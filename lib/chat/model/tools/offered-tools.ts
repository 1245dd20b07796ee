import { jsonSchema, type Tool } from "ai";
import { failureKind } from "@/lib/chat/model/failure-kind";
import { meantObject } from "@/lib/chat/model/meant-arguments";
import { whatWasSaid } from "@/lib/chat/model/provider-words";
import { describeTool, type Toolbox, type ToolboxTool } from "@/lib/chat/tool-calls/toolbox";
import { type ProviderFamily, rulesOf } from "./families";
import { isSchema, type JsonSchema, propertiesOf } from "./json-schema";
import { mostNodes, SchemaWalk } from "./schema-walk";
import { type ArgumentNames, fittingArguments, nameKeys, restoreArguments } from "./tool-arguments";

/** What a model is offered of an assistant's tools. They cannot run themselves: their calls are settled later. */
export type OfferedTools = {
  tools: Record<string, Tool>;
  /** Those that the model's API does not accept, each with the reason. */
  leftOut: readonly { tool: ToolboxTool; reason: string }[];
  /** Arguments from the model, under the server's own names and with its types. */
  restore(name: string, input: unknown): unknown;
};

/** What the model's API has refused of tools in this turn. */
export type RefusedOfTools = {
  /** Names of tools. */
  tools: Set<string>;
  /** UTF-16 code units that it takes for the description of one. */
  mostDescription?: number;
};

export function offerTools(
  toolbox: Toolbox,
  model: { family: ProviderFamily; builtIn: boolean },
  refused: RefusedOfTools,
): OfferedTools {
  // Without a prototype: a model may ask for a nonexistent tool named `constructor`.
  const tools: Record<string, Tool> = Object.create(null);
  const known = new Map<string, { names: ArgumentNames; schema: JsonSchema }>();
  const leftOut: { tool: ToolboxTool; reason: string }[] = [];
  for (const tool of toolbox.tools) {
    if (refused.tools.has(tool.name)) continue;
    // The built-in assistant is not an API: it reads the server's own schema.
    const sent = model.builtIn ? asItIs(tool) : schemaFor(tool, model.family);
    if (!sent.ok) {
      leftOut.push({ tool, reason: sent.reason });
      continue;
    }
    if (sent.names) known.set(tool.name, { names: sent.names, schema: sent.schema });
    tools[tool.name] = {
      type: "dynamic",
      title: tool.title,
      description: describeTool(tool, refused.mostDescription),
      inputSchema: jsonSchema(sent.schema),
      // If omitted, OpenAI's Responses API makes every parameter required. xAI has that API too.
      ...(model.family === "openai" || model.family === "grok" ? { strict: false } : {}),
    };
  }
  return {
    tools,
    leftOut,
    restore(name, input) {
      const { names = null, schema = {} } = known.get(name) ?? {};
      const restored = restoreArguments(names ? withoutEnvelope(input, schema) : input, names);
      const tool = model.builtIn ? null : toolbox.byName(name);
      return tool && isSchema(restored) ? fittingArguments(restored, tool.inputSchema) : restored;
    },
  };
}

const envelopes = [
  ...["arguments", "parameters", "input", "args"],
  ...["kwargs", "params", "tool_input", "tool_args", "properties"],
];

/**
 * The arguments of a call in an envelope, as some models write them: the whole call once more, or one key around them,
 * where the tool knows no such key.
 *
 * @param schema as it was sent
 */
function withoutEnvelope(value: unknown, schema: JsonSchema): unknown {
  if (!isSchema(value)) return value;
  const known = new Set(propertiesOf(schema).map(([key]) => key));
  const [key, ...more] = envelopes.filter((each) => Object.hasOwn(value, each) && !known.has(each));
  if (key === undefined || more.length > 0 || known.size === 0) return value;
  const beside = Object.keys(value).filter((each) => each !== key);
  if (beside.some((each) => known.has(each) || !/^(name|id|type|tool|function)$/.test(each))) {
    return value;
  }
  const given = value[key];
  const inner = typeof given === "string" ? meantObject(given) : given;
  return isSchema(inner) ? inner : value;
}

/** By tool of one turn's toolbox: each of its steps offers the same tools, and 100 schemas take 50 ms. */
const schemas = new WeakMap<ToolboxTool, Partial<Record<ProviderFamily, SendableSchema>>>();

function schemaFor(tool: ToolboxTool, family: ProviderFamily): SendableSchema {
  const known = schemas.get(tool) ?? {};
  schemas.set(tool, known);
  known[family] ??= sendableSchema(tool.inputSchema, family);
  return known[family];
}

function asItIs({ inputSchema }: ToolboxTool) {
  const { $schema: _, $id: __, ...rest } = inputSchema;
  const schema = { ...rest, type: "object", properties: rest.properties ?? {} };
  return { ok: true, schema, names: null } as const;
}

const tooLong = /description\b[^.]{0,40}too long[^.]*\.[^.]*maximum length (\d{2,5})\b/i;

/** How long a tool's description may be, if a model's API refused one for its length; null: it did not. */
export function descriptionLimit(thrown: unknown): number | null {
  const [, most] = tooLong.exec(whatWasSaid(thrown)?.words ?? "") ?? [];
  return most === undefined ? null : Number(most);
}

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

/** Some providers name a tool by its position in the list. */
const places = [
  /\btools\[(\d+)\]/g,
  /\btools\.(\d+)\b/g,
  /\bfunctions?\[(\d+)\]/g,
  /function_declarations\[(\d+)\]/g,
];
const aboutTools = /tool|function|schema|parameter|input_schema/i;
/** A message that echoes the whole request names them all, and means none. */
const mostNamed = 0.5;

/**
 * The tools whose description a model's API rejects, as far as its message names them.
 *
 * @param sent the names in the order in which they were sent
 */
export function namesInRefusal(thrown: unknown, sent: readonly string[]): string[] {
  const said = whatWasSaid(thrown);
  if (!said) return [];
  const { status, words: text } = said;
  const kind = failureKind(said);
  const isRefusal = status === null ? kind === "tool_refused" : status === 400 || status === 422;
  // A call that the model wrote names a tool, too.
  if (!isRefusal || !aboutTools.test(text) || kind === "call_unreadable") return [];
  const byPlace = places.flatMap((place) =>
    [...text.matchAll(place)].flatMap(([, at]) => sent[Number(at)] ?? []),
  );
  if (byPlace.length > 0) return [...new Set(byPlace)];
  const words = new Set(text.match(/[a-zA-Z0-9_-]+/g));
  const byName = sent.filter((name) => words.has(name));
  const few = byName.length === 1 || byName.length <= sent.length * mostNamed;
  return few ? byName : [];
}
