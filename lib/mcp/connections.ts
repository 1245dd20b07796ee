import type { ServerInfo } from "@/lib/contracts/servers/catalogue";
import type { McpToolCall } from "./call-tool";
import type { ListedTools } from "./catalogue/list-tools";
import type { ConnectionDeps } from "./client/connect";
import type { ProtocolEra } from "./client/protocol-era";
import type { McpTarget } from "./target";
import type { McpToolResult } from "./tool-result";

export type { McpToolResult };

export type McpConnectionsDeps = ConnectionDeps & {
  /** The `era` of the last catalogue that was read of a server, or null. Saves requests. */
  storedEra?: (target: McpTarget) => Promise<unknown>;
  /** How long a connection is kept that nobody uses, in ms. Default: 5 minutes. */
  idleMs?: number;
  /** Default: 1,000. */
  maxConnections?: number;
};

export type ReadCatalogue = ListedTools & {
  serverInfo: ServerInfo | null;
  /** To be stored, and given back through `storedEra`. */
  era: ProtocolEra;
};

export type ReadCatalogueOptions = {
  signal?: AbortSignal;
  /** The handshake is done; the list of tools is asked for. */
  onConnected?: () => void;
  /** Uses what is there, so that calls under way go on; else everything begins anew. */
  keepConnections?: boolean;
};

export interface McpConnections {
  /**
   * Calls a tool with the account of `target`, over a kept connection where there is one. It is sent
   * a second time only where the first time certainly did nothing.
   *
   * @throws InputRequiredError, AuthorizationRequiredError, TryLaterError, UnreachableError, McpServerError,
   *   OutboundRefusedError, InvalidInputError, or the reason of `call.signal`
   */
  callTool(target: McpTarget, call: McpToolCall): Promise<McpToolResult>;
  /** Asks the server anew what it is and which tools it has. @throws as `callTool` does */
  readCatalogue(target: McpTarget, options?: ReadCatalogueOptions): Promise<ReadCatalogue>;
  /** Gives up the kept connections of a server, or of one owner there; calls under way end first. */
  drop(serverId: string, ownerKey?: string): void;
  /** Ends all sessions and processes, calls under way too. */
  close(): Promise<void>;
}

/**
 * Kept connections to MCP servers. One of these serves the whole process. The protocol's client, a
 * third of all that Usher is made of, is loaded with the first use and not at the start.
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
    // What is not loaded keeps nothing.
    drop: (serverId, ownerKey) => kept?.drop(serverId, ownerKey),
    close: () => {
      closing ??= kept?.close() ?? Promise.resolve();
      return closing;
    },
  };
}
