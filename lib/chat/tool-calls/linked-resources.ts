import type { ChatMessage, ToolContent } from "@/lib/contracts/chat/chat";
import { type Toolbox, type ToolboxTool, withTool } from "./toolbox";

/** In place of a tool's name, wherever a call is stored: the request that it makes. */
const readRequest = "resources/read";

/**
 * A tool that reads what a server's tools have linked to in this conversation, for each such server.
 * Nothing else of the server can be read by it: an assistant may have been given a few tools only.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#resource-links
 */
export function withResourceReaders(toolbox: Toolbox, messages: readonly ChatMessage[]): Toolbox {
  const servers = new Map(toolbox.tools.map((tool) => [tool.serverId, tool.serverName]));
  return [...linksByServer(messages)].reduce((extended, [serverId, links]) => {
    const serverName = servers.get(serverId);
    return serverName === undefined
      ? extended
      : withTool(extended, resourceReader(serverId, serverName, links));
  }, toolbox);
}

/** What a stored call is, which may be about a reader. */
export function isResourceReader(toolName: string): boolean {
  return toolName === readRequest;
}

export const resourceReaderTitle = "Read resource";

function resourceReader(
  serverId: string,
  serverName: string,
  links: ReadonlySet<string>,
): Omit<ToolboxTool, "name"> {
  return {
    serverId,
    serverName,
    toolName: readRequest,
    title: resourceReaderTitle,
    description:
      "Reads a resource to which a tool of this server has linked (“resource link” in its result).",
    inputSchema: {
      type: "object",
      properties: { uri: { type: "string", description: "The address, as the link has it." } },
      required: ["uri"],
    },
    readOnly: true,
    asks: null,
    links,
  };
}

function linksByServer(messages: readonly ChatMessage[]): Map<string, Set<string>> {
  const links = new Map<string, Set<string>>();
  for (const { parts } of messages) {
    const servers = new Map(
      parts.flatMap((part) =>
        part.type === "data-tool-call-account" ? [[part.data.toolCallId, part.data.serverId]] : [],
      ),
    );
    for (const part of parts) {
      if (part.type !== "dynamic-tool" || part.state !== "output-available") continue;
      const serverId = servers.get(part.toolCallId);
      const uris = urisIn(part.output);
      if (serverId === undefined || uris.length === 0) continue;
      links.set(serverId, new Set([...(links.get(serverId) ?? []), ...uris]));
    }
  }
  return links;
}

function urisIn(output: unknown): string[] {
  const content = (output as { content?: unknown } | null)?.content;
  if (!Array.isArray(content)) return [];
  return content.flatMap(({ type, uri }: ToolContent) =>
    type === "resource_link" && typeof uri === "string" && uri !== "" ? [uri] : [],
  );
}
