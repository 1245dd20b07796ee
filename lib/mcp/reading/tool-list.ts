import { fieldsOf, isJsonObject, type JsonObject, textIn } from "@/lib/bounded-json";
import { formatNumber } from "@/lib/contracts/format";
import type { CatalogueTool, LeftOut } from "@/lib/contracts/servers/catalogue";
import { headerProblem } from "@/lib/mcp/reading/header-parameters";
import { cutText, oneLine, withoutDeceptive } from "@/lib/untrusted-text";

export const toolListLimits = {
  tools: 1_000,
  nameCharacters: 128,
  descriptionCharacters: 8_000,
  schemaCharacters: 256 * 1024,
  allSchemasCharacters: 4 * 1024 * 1024,
};

const cutMark = "\n[Cut here by Usher.]";

export type ReadTools = {
  tools: CatalogueTool[];
  /** Each entry that cannot be used, and each text that was truncated, with the reason. */
  leftOut: LeftOut[];
};

/**
 * The usable tools of a server's list, entry by entry: an unreadable one removes no other.
 *
 * @param listed the entries of all pages, as they came
 * @param checkHeaders whether arguments may also have to travel in headers
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool
 */
export function readToolList(listed: readonly unknown[], checkHeaders = false): ReadTools {
  const tools = new Map<string, CatalogueTool>();
  const seen = new Set<string>();
  const leftOut: LeftOut[] = [];
  const beyond: string[] = [];
  let room = toolListLimits.allSchemasCharacters;
  for (const [at, entry] of listed.entries()) {
    // A page that comes again, such as behind a proxy that drops the cursor, says nothing new.
    const asText = textOf(entry);
    if (asText !== null && seen.has(asText)) continue;
    if (asText !== null) seen.add(asText);
    const leaveOut = (reason: string) => leftOut.push({ name: shownName(entry, at), reason });
    const read = readTool(entry);
    if ("reason" in read) {
      leaveOut(read.reason);
      continue;
    }
    const { tool, size, cut } = read;
    const header = checkHeaders ? headerProblem(tool.inputSchema) : null;
    if (header !== null) leaveOut(header);
    else if (tools.has(tool.name)) leaveOut("Another tool in the list has the same name.");
    else if (tools.size === toolListLimits.tools) {
      beyond.push(tool.name);
    } else if (size > room) leaveOut("The schemas of all tools together are too large.");
    else {
      room -= size;
      tools.set(tool.name, tool);
      if (cut !== null) leftOut.push({ name: tool.name, reason: cut, kept: true });
    }
  }
  const [first, ...others] = beyond;
  if (first !== undefined) leftOut.push(tooMany(first, others.length));
  return { tools: [...tools.values()], leftOut };
}

/** As one entry: a page with thousands would be read by nobody. */
function tooMany(first: string, others: number): LeftOut {
  const more = others === 0 ? "" : ` and ${formatNumber(others)} more after it`;
  const reason = `Usher takes ${formatNumber(toolListLimits.tools)} tools of a server.`;
  return { name: `${oneLine(first, 100)}${more}`, reason };
}

function readTool(
  given: unknown,
): { tool: CatalogueTool; size: number; cut: string | null } | { reason: string } {
  if (!isJsonObject(given)) return { reason: "It is not a description of a tool." };
  // As in a request to a model.
  const isFunction = given.name === undefined && isJsonObject(given.function);
  const entry = isFunction ? (given.function as JsonObject) : given;
  const name = nameProblem(entry.name);
  if ("reason" in name) return name;
  const audience = audienceProblem(entry);
  if (audience !== null) return { reason: audience };
  const schema = readInputSchema(entry.inputSchema ?? entry.input_schema ?? entry.parameters);
  if ("reason" in schema) return schema;
  const size = schemaCharacters(schema.value);
  if (size > toolListLimits.schemaCharacters) {
    return { reason: "The schema of its arguments is too large." };
  }
  const annotations = fieldsOf(entry.annotations);
  const lines = [entry.description].flat().filter((each) => typeof each === "string");
  const description = lines.length === 0 ? null : lines.join("\n");
  const most = toolListLimits.descriptionCharacters;
  const isLong = description !== null && description.length > most;
  const tool = {
    name: name.value,
    title: oneLine(textIn(entry.title) ?? textIn(annotations.title) ?? "", 200) || null,
    description: isLong ? `${cutText(description, most - cutMark.length)}${cutMark}` : description,
    inputSchema: schema.value,
    annotations: readAnnotations(annotations),
  };
  const cut = isLong
    ? `Its description has ${formatNumber(description.length)} characters and was cut to ${formatNumber(most)}.`
    : null;
  return { tool, size, cut };
}

/**
 * Wider than MCP's recommendation, since servers are: any letters, signs and inner spaces. Names with hidden
 * characters, or that look like another one, are rejected.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#tool-names
 */
function nameProblem(name: unknown): { value: string } | { reason: string } {
  if (typeof name !== "string" || name.trim() === "") return { reason: "It has no name." };
  if (name.length > toolListLimits.nameCharacters) {
    return { reason: `Its name has more than ${toolListLimits.nameCharacters} characters.` };
  }
  if (name !== name.trim() || /[\n\t]/.test(name) || withoutDeceptive(name) !== name) {
    return { reason: "Its name has characters that cannot be seen." };
  }
  if (/\p{Script=Latin}/u.test(name) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(name)) {
    return { reason: "Its name mixes alphabets whose letters look alike." };
  }
  return { value: name };
}

/**
 * A tool that a model cannot call, or may not.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#tool-level-negotiation
 * @see https://github.com/modelcontextprotocol/ext-apps/blob/main/specification/2026-01-26/apps.mdx — `visibility`
 */
function audienceProblem({ execution, _meta }: JsonObject): string | null {
  if (isJsonObject(execution) && execution.taskSupport === "required") {
    return "It runs only as a task in the background, which Usher does not start.";
  }
  const ui = isJsonObject(_meta) ? _meta.ui : undefined;
  const visibility = isJsonObject(ui) ? ui.visibility : undefined;
  if (!Array.isArray(visibility) || visibility.includes("model")) return null;
  return "It is for the server's own pages, and not for a model.";
}

/** A tool without a schema takes no known arguments. */
function readInputSchema(schema: unknown): { value: JsonObject } | { reason: string } {
  if (schema === undefined || schema === null || schema === true) return { value: emptySchema() };
  if (isJsonObject(schema)) return { value: schema };
  if (Array.isArray(schema) && schema.length === 0) return { value: emptySchema() };
  if (typeof schema === "string") {
    if (schema.trim() === "") return { value: emptySchema() };
    try {
      const parsed: unknown = JSON.parse(schema);
      if (isJsonObject(parsed)) return { value: parsed };
    } catch {
      // Reported below.
    }
  }
  return { reason: "The schema of its arguments is not a JSON object." };
}

function emptySchema(): JsonObject {
  return { type: "object", properties: {} };
}

const hints = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

function readAnnotations(annotations: JsonObject): CatalogueTool["annotations"] {
  return Object.fromEntries(
    hints.flatMap((hint) => {
      const value = annotations[hint];
      return typeof value === "boolean" ? [[hint, value]] : [];
    }),
  );
}

/** Infinity for one that is too deep to be serialized. */
function schemaCharacters(schema: unknown): number {
  return textOf(schema)?.length ?? Number.POSITIVE_INFINITY;
}

/** Null: it is too deep to be serialized. */
function textOf(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
}

function shownName(entry: unknown, at: number): string {
  const name = isJsonObject(entry) ? textIn(entry.name) : undefined;
  return oneLine(name ?? "", 100) || `Number ${at + 1} of the list`;
}
