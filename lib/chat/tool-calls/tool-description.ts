import type { ToolboxTool } from "./toolbox";

/** What a model is told about a tool: whose it is, then what the server says of it. */
export type ToolDescription = { serverName: string; title: string; description: string };

const longestDescription = 2_000;

export function describeTool(tool: ToolboxTool): string {
  const { serverName, title, description } = tool;
  return `${oneLine(title)} (server: ${oneLine(serverName)})\n${description.slice(0, longestDescription)}`;
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
