import type { LinksByServer } from "@/lib/chat/message-parts";
import { type Toolbox, type ToolboxTool, withTool } from "./toolbox";

/** Replaces a tool's name wherever a call is stored: the request that it makes. */
const readRequest = "resources/read";

/**
 * A tool that reads what a server's tools have linked to in this conversation, one for each such server.
 * Nothing else of the server can be read with it: an assistant may have been given only a few tools.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/server/tools#resource-links
 */
export function withResourceReaders(toolbox: Toolbox, links: LinksByServer): Toolbox {
  const servers = new Map(toolbox.tools.map((tool) => [tool.serverId, tool.serverName]));
  return [...links].reduce((extended, [serverId, uris]) => {
    const serverName = servers.get(serverId);
    return serverName === undefined
      ? extended
      : withTool(extended, resourceReader(serverId, serverName, uris));
  }, toolbox);
}

/** What a stored call is, possibly one of a reader. */
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
