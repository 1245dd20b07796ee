import type { Log } from "@/lib/log";
import type { StdioServers } from "@/lib/mcp/stdio/launch";
import type { OutboundFetch } from "@/lib/net/fetch";

/**
 * What is needed to speak with one MCP server as one owner. It holds opened secrets: it lives in
 * memory for a call, is never logged, and never crosses to the browser.
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
  /** What was once discovered of the server, as it was stored. */
  storedEra?: unknown;
  /** Null where the server wants no OAuth token. */
  bearer: BearerSource | null;
  /** Set where the endpoint's headers hold a key of this owner's own. */
  personalKey?: PersonalKeySource;
  /**
   * Why calls cannot be made: nobody consented yet, or the owner's key is missing. A test tries without, as
   * many servers list their tools to all.
   */
  notConnected?: string;
  /** An admin has switched the server off: it is tested, and not called. */
  isSwitchedOff?: boolean;
};

/** How long a call may take, in ms, besides the time that a person is asked. */
export interface CallLimits {
  /** Without a word from the server; a report of progress counts as one. */
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

/** What becomes of a key that was sent; nothing can renew it. */
export interface PersonalKeySource {
  /** The server answered 401 to it. @throws AuthorizationRequiredError */
  refused(): Promise<never>;
  /** The server took it: told after a call that came to an end. */
  accepted(): Promise<void>;
}

/** Where the bearer token of a target comes from; lib/app.ts ties it to lib/tokens. */
export interface BearerSource {
  /**
   * A token that is valid now, refreshed first where it was about to expire.
   * @throws AuthorizationRequiredError nobody consented, or the grant is gone
   * @throws TryLaterError the provider cannot be asked just now
   */
  token(): Promise<string>;
  /**
   * The server answered 401 to `rejectedToken`. Resolves to a token worth one retry.
   * @throws AuthorizationRequiredError there is no better token than the rejected one
   * @throws TryLaterError the provider cannot be asked just now
   */
  replace(rejectedToken: string): Promise<string>;
  /** The server answered 401 to the replacement as well: stop using it and say so. */
  reject(rejectedToken: string): Promise<never>;
  /** The server took the token: told after a call that came to an end. */
  accepted?(): Promise<void>;
}

export type ConnectionDeps = {
  outbound: OutboundFetch;
  now: () => Date;
  log: Log;
  stdio: Pick<StdioServers, "launch">;
  /** The server says, or shows, that its list of tools is no longer the one that was read. */
  onToolsChanged?: (target: McpTarget) => void;
};

export type McpConnectionsDeps = ConnectionDeps & {
  /** The `era` of the last catalogue that was read of a server, or null. Saves requests. */
  storedEra?: (target: McpTarget) => Promise<unknown>;
  /** How long a connection is kept that nobody uses, in ms. Default: 5 minutes. */
  idleMs?: number;
  /** Default: 1,000. */
  maxConnections?: number;
};
