import { z } from "zod";
import { tokenSharings } from "@/lib/contracts/servers/kinds";

/**
 * - `connected`: calls work, and go on working
 * - `expiring`: calls work, but access ends soon and cannot be renewed
 * - `retrying`: the last refresh failed in a way that may pass; Usher tries again
 * - `needs_authorization`: the provider ended the grant, or the MCP server refuses the token
 * - `expired`: access has ended, and the provider issued no refresh token
 * - `not_connected`: nothing is stored
 */
export const connectionStatus = z.enum([
  "connected",
  "expiring",
  "retrying",
  "needs_authorization",
  "expired",
  "not_connected",
]);
export type ConnectionStatus = z.infer<typeof connectionStatus>;

/** How one owner's tokens stand at one moment. Times are ISO 8601. */
export const connectionStanding = z.object({
  status: connectionStatus,
  /** Since when access is over, or when the last try failed; never in the future. Null: nothing of both. */
  since: z.string().nullable(),
  /** When the access token ends, always ahead. Null: it has no end, is over, or does not count any more. */
  expiresAt: z.string().nullable(),
  /** When Usher refreshes next after a failure, always ahead. Null: nothing failed, or it is due. */
  nextTryAt: z.string().nullable(),
  /** `at_next_call`: the access token has ended, and the next call renews it. Null: access is over. */
  renewal: z.enum(["automatic", "at_next_call", "impossible", "not_needed"]).nullable(),
  /** In plain words, with what to do. Null where nothing is wrong. */
  reason: z.string().nullable(),
  nextStep: z.enum(["authorize", "authorize_again", "authorize_again_in_time", "wait"]).nullable(),
  /** In ms, after which time alone makes it another standing. Null: never. */
  changesInMs: z.number().nullable(),
});
export type ConnectionStanding = z.infer<typeof connectionStanding>;

/** How many people's own accounts stand how. They sum up to all who have stored tokens. */
export const connectionCounts = z.object({
  /** `connected` and `expiring`. */
  connected: z.number(),
  retrying: z.number(),
  /** `needs_authorization` and `expired`. */
  needAuthorization: z.number(),
});
export type ConnectionCounts = z.infer<typeof connectionCounts>;

export const tokenSharing = z.enum(tokenSharings);

/** How one owner (everybody, or one person) stands with one server. Times are ISO 8601. */
export const connectionView = z.object({
  standing: connectionStanding,
  /** The short form of `standing`: `connected` while calls work. */
  status: z.enum(["connected", "expired", "not_connected"]),
  /** Of the stored access token, ahead or past; null: the provider gave no lifetime. */
  expiresAt: z.string().nullable(),
  /** A refresh token is stored. */
  refreshable: z.boolean(),
  /** What failed last, an authorization or a refresh, in plain words. */
  lastRefreshError: z.string().nullable(),
  scope: z.string().nullable(),
  obtainedAt: z.string().nullable(),
  lastRefreshedAt: z.string().nullable(),
  /** The viewer's last authorization, if it failed after these tokens were stored; what to do is in it. */
  failedAuthorization: z.object({ reason: z.string(), at: z.string() }).nullable(),
  /** Name of the person who consented. */
  authorizedBy: z.string().nullable(),
  /** What the provider calls the account; null: it did not tell. */
  accountName: z.string().nullable(),
});
export type ConnectionView = z.infer<typeof connectionView>;

/** A line on the Connections page: a server that acts as the viewer, or as everybody. */
export const connectionListItem = z.object({
  serverId: z.string(),
  serverName: z.string(),
  description: z.string(),
  tokenSharing,
  connection: connectionView,
});
export type ConnectionListItem = z.infer<typeof connectionListItem>;

export const connectionList = z.object({ connections: z.array(connectionListItem) });

/**
 * `server`: every stored token of the server (admins).
 * `mine`: the caller's own account only.
 */
export const revokeInput = z.object({ what: z.enum(["server", "mine"]) });
export type RevokeInput = z.infer<typeof revokeInput>;

export const revokeResult = z.object({
  /** How many stored token sets were deleted. */
  deleted: z.number(),
  /** What the provider said of RFC 7009 revocation; `pending`: it has not answered yet. */
  provider: z.enum(["revoked", "no_endpoint", "failed", "pending", "nothing_to_revoke"]),
  /** In plain words, for the person. */
  message: z.string(),
});
export type RevokeResult = z.infer<typeof revokeResult>;

/** Sent by the `/oauth/complete` page on this BroadcastChannel to the page that waits. */
export const authorizationChannel = "usher-authorization";
export const authorizationCompleted = z.object({
  type: z.literal("authorization-completed"),
  serverId: z.string(),
  outcome: z.enum(["connected", "failed"]),
});
export type AuthorizationCompleted = z.infer<typeof authorizationCompleted>;
