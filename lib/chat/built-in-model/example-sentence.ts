import type { Parameter, ToolProfile } from "./tool-profile";
import { type Concept, words } from "./words";

const verbs: Record<Concept, string> = {
  read: "read",
  list: "list",
  search: "search",
  write: "write",
  delete: "delete",
  send: "send",
  identify: "who am I",
};

/** A sentence that this assistant maps to this tool; with `server` it names the server too. */
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
