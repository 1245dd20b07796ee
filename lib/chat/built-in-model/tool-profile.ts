import { type Concept, conceptsOfName, stem, words } from "./words";

/** One argument of a tool, as its JSON Schema has it. */
export type Parameter = {
  name: string;
  required: boolean;
  type: "string" | "number" | "integer" | "boolean" | "array" | "object";
  /** Of the items of an array. */
  itemType: string;
  format: string | null;
  choices: readonly string[];
  description: string;
  fallback: unknown;
  role: "path" | "content" | "query" | "plain";
};

/** What the built-in assistant knows about a tool it was given. */
export type ToolProfile = {
  name: string;
  serverName: string;
  title: string;
  description: string;
  concepts: ReadonlySet<Concept>;
  /** Stems of the tool's own name and title. */
  nameStems: ReadonlySet<string>;
  /** Whole words of the same, for `files` over `file`. */
  nameWords: ReadonlySet<string>;
  descriptionStems: ReadonlySet<string>;
  serverStems: ReadonlySet<string>;
  parameters: readonly Parameter[];
};

export type GivenTool = { name: string; description?: string; inputSchema: unknown };

export function profileTool(given: GivenTool): ToolProfile {
  const { serverName, title, description } = readDescription(given.name, given.description ?? "");
  const ownName = given.name.includes("__")
    ? given.name.split("__").slice(1).join("_")
    : given.name;
  const nameWords = new Set([...words(ownName), ...words(title)].filter((word) => word.length > 1));
  const parameters = readParameters(given.inputSchema);
  return {
    name: given.name,
    serverName,
    title,
    description,
    concepts: conceptsOfName(ownName),
    nameWords,
    nameStems: new Set([...nameWords].map(stem)),
    descriptionStems: new Set(words(description).map(stem)),
    serverStems: new Set(
      words(serverName)
        .filter((word) => !["mcp", "server", "the", "my", "our"].includes(word))
        .map(stem),
    ),
    parameters,
  };
}

function readParameters(schema: unknown): Parameter[] {
  const { properties, required } = asObject(schema);
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(asObject(properties))
    .map(([name, value]) => readParameter(name, asObject(value), needed.has(name)))
    .sort((one, other) => Number(other.required) - Number(one.required));
}

function readParameter(
  name: string,
  schema: Record<string, unknown>,
  required: boolean,
): Parameter {
  const variants = [schema.anyOf, schema.oneOf].flatMap((some) =>
    Array.isArray(some) ? some : [],
  );
  const plain = variants.map(asObject).find((variant) => variant.type !== "null") ?? schema;
  const types = Array.isArray(plain.type) ? plain.type : [plain.type];
  const type = types.find((one) => one !== "null");
  const choices = Array.isArray(plain.enum) ? plain.enum : [];
  const description = typeof schema.description === "string" ? schema.description : "";
  return {
    name,
    required: required && schema.default === undefined,
    type: isType(type) ? type : "string",
    itemType: String(asObject(plain.items).type ?? "string"),
    format: typeof plain.format === "string" ? plain.format : null,
    choices: choices.filter((choice) => typeof choice === "string"),
    description,
    fallback: schema.const ?? plain.const,
    role: roleOf(name, description),
  };
}

function roleOf(name: string, description: string): Parameter["role"] {
  const parts = words(name);
  const has = (...some: string[]) => some.some((word) => parts.includes(word));
  if (has("query", "q", "search", "term", "terms", "keyword", "keywords", "pattern", "question")) {
    return "query";
  }
  if (has("content", "contents", "text", "body", "message", "data")) return "content";
  if (
    has("path", "file", "filename", "filepath", "uri", "url", "document", "doc") ||
    has("folder", "dir", "directory", "source", "destination", "target") ||
    (has("name", "id", "note") && /\bfile|\bdocument|\bpath\b/i.test(description))
  ) {
    return "path";
  }
  return "plain";
}

function isType(type: unknown): type is Parameter["type"] {
  return ["string", "number", "integer", "boolean", "array", "object"].includes(String(type));
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

const verbs: Record<Concept, string> = {
  read: "read",
  list: "list",
  search: "search",
  write: "write",
  delete: "delete",
  send: "send",
  identify: "who am I",
};

/** A sentence that this assistant maps to this tool; with `server` it also names the server. */
export function exampleSentence(tool: ToolProfile, server: boolean): string {
  const place = server ? ` in ${tool.serverName}` : "";
  if (tool.concepts.has("identify")) return `who am I${place}`;
  const needed = tool.parameters.filter((parameter) => parameter.required);
  const [only] = needed;
  if (only && needed.length === 1 && only.role === "path" && only.type === "string") {
    return `${request(tool)} notes.md${place}`;
  }
  if (only && needed.length === 1 && only.role === "query" && only.type === "string") {
    return `${request(tool)} for "holiday"${place}`;
  }
  const values = needed.map((parameter) => `${parameter.name}=${exampleValue(parameter)}`);
  return `${request(tool)}${place}${values.length > 0 ? ` with ${values.join(", ")}` : ""}`;
}

/** The words of the tool's own name, its verb first. */
function request(tool: ToolProfile): string {
  const own = tool.name.includes("__") ? tool.name.split("__").slice(1).join("_") : tool.name;
  const parts = words(own.replace(/_[0-9a-f]{6}$/, ""));
  if (parts.length > 0) return parts.join(" ");
  const [concept] = tool.concepts;
  return concept ? verbs[concept] : tool.title;
}

function exampleValue(parameter: Parameter): string {
  const [choice] = parameter.choices;
  if (choice !== undefined) return choice;
  switch (parameter.type) {
    case "number":
    case "integer":
      return "5";
    case "boolean":
      return "true";
    case "array":
      return '"one"';
    case "object":
      return "{}";
    default:
  }
  if (parameter.format === "date" || parameter.format === "date-time") return "2026-03-01";
  if (parameter.format === "email") return "ada@example.com";
  if (parameter.role === "path") return "notes.md";
  return '"some text"';
}

type ToolDescription = { serverName: string; title: string; description: string };

/** Parses what `describeTool` (lib/chat/tool-calls/toolbox.ts) wrote, to show people what it can do. */
export function readDescription(toolName: string, text: string): ToolDescription {
  const [head = "", ...rest] = text.split("\n");
  const match = /^(.*) \(server: (.*)\)$/.exec(head);
  const [server = "", tool = toolName] = toolName.split("__");
  if (!match) return { serverName: server, title: tool, description: text };
  return {
    serverName: match[2] ?? server,
    title: match[1] ?? tool,
    description: rest.join("\n"),
  };
}
