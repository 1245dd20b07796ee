import type { Log } from "@/lib/log";
import type { StdioServers } from "@/lib/mcp/stdio/launch";
import type { OutboundFetch } from "@/lib/net/fetch";

/**
 * What is needed to talk to one MCP server as one owner. It contains unsealed secrets: it lives in
 * memory for one call, is never logged, and never reaches the browser.
 */
export type McpTarget = {
  serverId: string;
  serverName: string;
  /** Of the server's configuration; a kept connection of another version is dropped. */
  version: number;
  /** `shared` or a user id. */
  ownerKey: string;
  endpoint: McpEndpoint;
  callLimits?: CallLimits;
  /** What was once discovered about the server, as stored. */
  storedEra?: unknown;
  /** Null if the server requires no OAuth token. */
  bearer: BearerSource | null;
  /** Set if the endpoint's headers contain this owner's own key. */
  personalKey?: PersonalKeySource;
  /**
   * Why calls cannot be made: no one has consented yet, or the owner's key is missing. A test tries without, as
   * many servers list their tools to everyone.
   */
  notConnected?: string;
  /** An admin has switched the server off: it is tested, but not called. */
  isSwitchedOff?: boolean;
};

/** How long a call may take, in ms, not counting the time that a person is asked. */
export interface CallLimits {
  /** Without any message from the server; a progress report counts as one. */
  silenceMs: number;
  totalMs: number;
}

export type McpEndpoint =
  | {
      transport: "STREAMABLE_HTTP" | "SSE";
      url: string;
      headers: Readonly<Record<string, string>>;
    }
  | {
      transport: "STDIO";
      command: string;
      args: readonly string[];
      environment: Readonly<Record<string, string>>;
    };

/** Handles the result of using a key; nothing can renew it. */
export interface PersonalKeySource {
  /** The server answered 401 to it. @throws AuthorizationRequiredError */
  refused(): Promise<never>;
  /** The server accepted it: called after a completed call. */
  accepted(): Promise<void>;
}

/** The source of a target's bearer token; lib/app.ts connects it to lib/tokens. */
export interface BearerSource {
  /**
   * A token that is valid now, refreshed first if it was about to expire.
   * @throws AuthorizationRequiredError no one has consented, or the grant is gone
   * @throws TryLaterError the provider cannot be called right now
   */
  token(): Promise<string>;
  /**
   * The server answered 401 to `rejectedToken`. Resolves to a token worth one retry.
   * @param orSame perhaps it is not the token: if there is no better one now, resolves to the same
   * @throws AuthorizationRequiredError there is no better token than the rejected one
   * @throws TryLaterError the provider cannot be called right now
   */
  replace(rejectedToken: string, orSame?: boolean): Promise<string>;
  /** The server answered 401 to the replacement as well: stop using it and say so. */
  reject(rejectedToken: string): Promise<never>;
  /** The server accepted the token: called after a completed call. */
  accepted?(): Promise<void>;
}

export type ConnectionDeps = {
  outbound: OutboundFetch;
  now: () => Date;
  log: Log;
  stdio: Pick<StdioServers, "launch">;
  /** The server says, or shows, that its list of tools has changed since it was read. */
  onToolsChanged?: (target: McpTarget) => void;
};

export type McpConnectionsDeps = ConnectionDeps & {
  /** The `era` from a server's last read catalogue, or null. Saves requests. */
  storedEra?: (target: McpTarget) => Promise<unknown>;
  /** How long an unused connection is kept, in ms. Default: 5 minutes. */
  idleMs?: number;
  /** Default: 1,000. */
  maxConnections?: number;
};
