import { z } from "zod";

/** Derived from the stored tokens and the clock, never stored. */
export const connectionStatus = z.enum(["connected", "expired", "not_connected"]);
export type ConnectionStatus = z.infer<typeof connectionStatus>;

export const tokenSharing = z.enum(["SHARED", "PER_USER"]);
export type TokenSharing = z.infer<typeof tokenSharing>;

/** How one owner (everybody, or one person) stands with one server. Times are ISO 8601. */
export const connectionView = z.object({
  status: connectionStatus,
  /** When the access token ends; null where the provider gave no lifetime. */
  expiresAt: z.string().nullable(),
  /** True where Usher can renew the access token by itself. */
  refreshable: z.boolean(),
  scope: z.string().nullable(),
  obtainedAt: z.string().nullable(),
  lastRefreshedAt: z.string().nullable(),
  /** In plain words, with what to do. */
  lastRefreshError: z.string().nullable(),
  lastRefreshErrorAt: z.string().nullable(),
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
