import * as z from "zod";
import { accountPattern } from "@/lib/contracts/connections/account";
import { nameRecord } from "@/lib/contracts/name-record";
import { tokenSharings } from "@/lib/contracts/servers/kinds";

/**
 * - `connected`: calls work, and will keep working
 * - `expiring`: calls work, but access ends soon and cannot be renewed
 * - `retrying`: the last refresh failed temporarily; Usher tries again
 * - `needs_authorization`: the provider ended the grant, or the MCP server refuses the token
 * - `expired`: access has ended, and there is no refresh token
 * - `not_connected`: nothing is stored
 * - `on_first_use`: nothing is stored; the first call gets access through the person's sign-in
 */
export const connectionStatus = z.enum([
  "connected",
  "expiring",
  "retrying",
  "needs_authorization",
  "expired",
  "not_connected",
  "on_first_use",
]);
export type ConnectionStatus = z.infer<typeof connectionStatus>;

/** The status of one owner's tokens at one moment. Times are ISO 8601. */
export const connectionStanding = z.object({
  status: connectionStatus,
  /** Since when access has ended, or when the last attempt failed; never in the future. Null: neither. */
  since: z.string().nullable(),
  /**
   * When the access token expires, always in the future. Null: it does not, it has, or it no longer matters.
   */
  expiresAt: z.string().nullable(),
  /** When Usher retries after a failure, always in the future. Null: nothing failed, or it is due. */
  nextTryAt: z.string().nullable(),
  /** `at_next_call`: the access token has expired, and the next call renews it. Null: access has ended. */
  renewal: z.enum(["automatic", "at_next_call", "impossible", "not_needed"]).nullable(),
  /** In plain words, with what to do. Null: nothing is wrong. */
  reason: z.string().nullable(),
  /**
   * `wait_or_authorize`: the provider fails for this account, and answers others. `ask_organization`: access comes from
   * the organization, so there is nothing to authorize.
   */
  nextStep: z
    .enum([
      ...(["authorize", "authorize_again", "authorize_again_in_time", "ask_organization"] as const),
      ...(["wait", "wait_or_authorize"] as const),
    ])
    .nullable(),
  /** In ms, after which the standing changes with time alone. Null: never. */
  changesInMs: z.number().nullable(),
});
export type ConnectionStanding = z.infer<typeof connectionStanding>;

/** People's own accounts by status. They add up to everyone with stored tokens. */
export const connectionCounts = z.object({
  /** `connected` and `expiring`. */
  connected: z.number(),
  retrying: z.number(),
  /** `needs_authorization` and `expired`. */
  needAuthorization: z.number(),
});
export type ConnectionCounts = z.infer<typeof connectionCounts>;

/** A person with their own account at a server. */
export const accountOwner = z.object({
  name: z.string(),
  /** The provider's name for the account; null: it does not say. */
  accountName: z.string().nullable(),
  /** When they authorized, or entered their key. */
  since: z.string(),
  status: connectionStanding.shape.status,
});

export const tokenSharing = z.enum(tokenSharings);

/** What a person is asked for if each enters their own key. It never contains a value. */
export const personalKeyView = z.object({
  headers: z.array(
    z.object({
      name: z.string(),
      /** Sent before the value, such as `Bearer`. */
      scheme: z.string().nullable(),
      /** A value is stored. */
      given: z.boolean(),
    }),
  ),
  /** Where to get it, in an admin's words; empty: not given. */
  instructions: z.string(),
  /** The provider's page, https; empty: not given. */
  url: z.string(),
  /** The origin that values are sent to. */
  sentTo: z.string(),
  /** The version of the configuration that asks for these headers. */
  serverVersion: z.number(),
});
export type PersonalKeyView = z.infer<typeof personalKeyView>;

/** Values by header name; omitted ones stay unchanged. */
export const personalKeyInput = z.object({
  serverVersion: z.number().int(),
  values: nameRecord(z.string().max(200), z.string().max(20_000)),
});
export type PersonalKeyInput = z.infer<typeof personalKeyInput>;

/** One owner's connection (everyone's or one person's) to one server, as in lists. Times are ISO 8601. */
export const connectionSummary = z.object({
  standing: connectionStanding,
  /** The short form of `standing`: `connected` while calls work. */
  status: z.enum(["connected", "expired", "not_connected"]),
  /** For the stored access token, future or past; null: the provider sent no lifetime. */
  expiresAt: z.string().nullable(),
  refreshable: z.boolean(),
  /** Why no refresh token came, and what an admin can do; null: one came, or none is needed. */
  noRefreshToken: z.string().nullable(),
  /** The last failed authorization or refresh, in plain words. */
  lastRefreshError: z.string().nullable(),
  scope: z.string().nullable(),
  obtainedAt: z.string().nullable(),
  /** When a call made with it was last answered, to the hour. Null: never. */
  lastUsedAt: z.string().nullable(),
  /** The viewer's last authorization, if it failed after these tokens were stored, with what to do. */
  failedAuthorization: z.object({ reason: z.string(), at: z.string() }).nullable(),
  /** The provider's name for the account; null: not provided. */
  accountName: z.string().nullable(),
  /**
   * How to consent with another account. `asks`: the provider lets people choose one; otherwise they sign out
   * at `host` first. Null: nothing is connected, or it does not use consent.
   */
  otherAccount: z.object({ asks: z.boolean(), host: z.string() }).nullable(),
  /** Null: it uses consent. */
  personalKey: personalKeyView.nullable(),
  /** How many accounts the viewer may choose from, if there are several. */
  accounts: z.number().optional(),
  /** It is the team's, at a server where people may have their own. */
  isTeams: z.literal(true).optional(),
});
export type ConnectionSummary = z.infer<typeof connectionSummary>;

/** Everything shown about one connection. */
export const connectionView = connectionSummary.extend({
  lastRefreshedAt: z.string().nullable(),
  /** Name of the person who consented. */
  authorizedBy: z.string().nullable(),
});
export type ConnectionView = z.infer<typeof connectionView>;

/** A row of the Connections page. */
export const connectionListItem = z.object({
  serverId: z.string(),
  serverName: z.string(),
  description: z.string(),
  tokenSharing,
  connection: connectionSummary,
});
export type ConnectionListItem = z.infer<typeof connectionListItem>;

/** One person's or everyone's connection to one server. */
export const serverConnection = connectionListItem.extend({ connection: connectionView });
export type ServerConnection = z.infer<typeof serverConnection>;

/** `mayAuthorize`: for the viewer, as only an admin may authorize a shared account. */
export type ConnectionDetail = ServerConnection & {
  mayAuthorize: boolean;
  /** If access comes from the organization: people may connect their own account instead. */
  ownConsent: boolean;
};

export const connectionList = z.object({ connections: z.array(connectionListItem) });

/**
 * `server`: every stored token of the server (admins).
 * `team`: those of the team's account (admins).
 * `mine`: only the caller's own account. With several, `account` names one; otherwise it is the one that calls use.
 */
export const revokeInput = z.object({
  what: z.enum(["server", "team", "mine"]),
  account: z.string().regex(accountPattern, "Use the name of one of your accounts.").optional(),
});
export type RevokeInput = z.infer<typeof revokeInput>;

export const revokeResult = z.object({
  /** How many stored token sets or keys were deleted. */
  deleted: z.number(),
  /**
   * The result of RFC 7009 revocation. `revoked_but_token_lasts`: the grant has ended, but servers that verify
   * access tokens locally accept the last one until it expires. `pending`: no answer
   * yet. `retrying`: it was unavailable, and is told once it is back. `keys_deleted`: there is no provider to tell, as
   * people entered their own keys.
   */
  provider: z.enum([
    ...["revoked", "revoked_but_token_lasts", "no_endpoint"],
    ...["failed", "retrying", "pending", "nothing_to_revoke", "keys_deleted"],
  ] as const),
  /** Until when the last access token may work, ISO 8601; null: it no longer works, or its expiry is unknown. */
  accessUntil: z.string().nullable(),
  /** True: access comes from the organization, so the next call gets a new token while that permits it. */
  returnsAtNextCall: z.boolean(),
  /** In words, with times in UTC; a page writes it in the reader's time zone. */
  message: z.string(),
});
export type RevokeResult = z.infer<typeof revokeResult>;

/** Sent by the `/oauth/complete` page on this BroadcastChannel to the waiting page. */
export const authorizationChannel = "usher-authorization";
export const authorizationCompleted = z.object({
  type: z.literal("authorization-completed"),
  serverId: z.string(),
  outcome: z.enum(["connected", "failed"]),
});
export type AuthorizationCompleted = z.infer<typeof authorizationCompleted>;
