import type { Database } from "@/lib/db/client";
import type { McpServerRow, OAuthClientRow } from "@/lib/db/mcp-server";
import type { DiscoveryContext } from "@/lib/discovery/context";
import type { Discovery } from "@/lib/discovery/discover";
import type { Env } from "@/lib/env";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { Log } from "@/lib/log";
import type { OutboundFetch } from "@/lib/net/fetch";
import type { Observe } from "@/lib/oauth/client";
import type { ForgetServer } from "@/lib/servers/open-endpoint";
import type { TelemetrySwitch } from "@/lib/telemetry/telemetry";
import type { Keyring } from "@/lib/vault/keyring";
import type { WorkUnderWay } from "@/lib/work-under-way";

export interface AuthorizationContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  log: Log;
  env: Pick<Env, "publicUrl">;
  outbound: OutboundFetch;
  discovery: DiscoveryContext;
  flows: FlowRecorder;
  forget: ForgetServer;
  underWay: WorkUnderWay;
  observe?: Observe | undefined;
  telemetry?: TelemetrySwitch;
}

export interface CompletedAuthorization {
  serverId: string;
  ownerKey: string;
  returnTo: string;
  browserCookie: string;
}

export type OAuthServer = McpServerRow & { oauthClient: OAuthClientRow };
export type OAuthDiscovery = Extract<Discovery, { outcome: "oauth" }> & {
  /** From what an admin entered, and not from what the MCP server names. */
  byHand?: true;
};
