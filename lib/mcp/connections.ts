import type { McpToolCall } from "./call-tool";
import type { ReadCatalogue, ReadCatalogueOptions } from "./catalogue/list-tools";
import type { McpConnectionsDeps, McpTarget } from "./target";
import type { McpToolResult } from "./tool-result";

export type { McpToolResult };

export interface McpConnections {
  /**
   * Calls a tool with the account of `target`, over a kept connection if there is one. It is sent
   * a second time only if the first time certainly did nothing.
   *
   * @throws InputRequiredError, AuthorizationRequiredError, TryLaterError, UnreachableError, McpServerError,
   *   OutboundRefusedError, InvalidInputError, or the reason of `call.signal`
   */
  callTool(target: McpTarget, call: McpToolCall): Promise<McpToolResult>;
  /** Reads the server's info and tools. @throws like `callTool` */
  readCatalogue(target: McpTarget, options?: ReadCatalogueOptions): Promise<ReadCatalogue>;
  /** Drops the kept connections of a server, or of one owner there; running calls finish first. */
  drop(serverId: string, ownerKey?: string): void;
  /** Ends all sessions and processes, including running calls. */
  close(): Promise<void>;
}

/**
 * Kept connections to MCP servers. One instance serves the whole process. The protocol's client, a
 * third of all of Usher's code, is loaded on first use and not at startup.
 */
export function createMcpConnections(deps: McpConnectionsDeps): McpConnections {
  let loading: Promise<McpConnections> | null = null;
  let kept: McpConnections | null = null;
  let closing: Promise<void> | null = null;

  async function load(): Promise<McpConnections> {
    const { createKeptConnections } = await import("./client/kept-client");
    kept = createKeptConnections(deps);
    if (closing) await kept.close();
    return kept;
  }
  const use = () => {
    loading ??= load();
    return loading;
  };

  return {
    callTool: async (target, call) => (kept ?? (await use())).callTool(target, call),
    readCatalogue: async (target, options) =>
      (kept ?? (await use())).readCatalogue(target, options),
    // Nothing is kept before the client is loaded.
    drop: (serverId, ownerKey) => kept?.drop(serverId, ownerKey),
    close: () => {
      closing ??= kept?.close() ?? Promise.resolve();
      return closing;
    },
  };
}
