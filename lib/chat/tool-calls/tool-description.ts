import { cutText } from "@/lib/well-formed";
import type { ToolboxTool } from "./toolbox";

/** What a model is told about a tool: whose it is, then what the server says of it. */
export type ToolDescription = { serverName: string; title: string; description: string };

const longestDescription = 8_000;
const cutMark = "\n[Cut here.]";

export function describeTool(tool: ToolboxTool): string {
  const { serverName, title, description } = tool;
  const isLong = description.length > longestDescription;
  const words = isLong
    ? `${cutText(description, longestDescription - cutMark.length)}${cutMark}`
    : description;
  return `${oneLine(title)} (server: ${oneLine(serverName)})\n${words}`;
}

/** The other way round, for a model that shows people what it can do. */
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

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
