import type { Database } from "../client";
import type {
  AuthorizationRequest,
  McpServer,
  OAuthClient,
  PersonalKey,
  StoredTokenSet,
} from "../generated/client";
import type * as Prisma from "../generated/internal/prismaNamespace";
import { joinedColumns, joinedRow, keysOf } from "../read-by-key";
import { ownerIsActive } from "../stored-token-set";

/** No more than a call needs: on a first call each column costs time at both ends. */
const serverFields = [
  "id",
  "name",
  "version",
  "transport",
  "url",
  "command",
  "args",
  "authentication",
  "headerSharing",
  "settings",
  "environmentSealed",
  "headersSealed",
  "switchedOffAt",
] as const satisfies (keyof McpServer)[];
const clientFields = ["id", "tokenSharing", "settings"] as const satisfies (keyof OAuthClient)[];
const tokenFields = [
  "id",
  "serverId",
  "ownerKey",
  "isDefault",
  "accessTokenSealed",
  "refreshTokenSealed",
  "grantType",
  "expiresAt",
  "obtainedAt",
  "rejectedAt",
  "refreshFailures",
  "nextRefreshAt",
  "lastRefreshErrorAt",
] as const satisfies (keyof StoredTokenSet)[];

type ServerColumns = Pick<McpServer, (typeof serverFields)[number]>;
type ClientColumns = Pick<OAuthClient, (typeof clientFields)[number]>;
/** The columns of a person's tokens that say whether they can be sent now, and the box. */
export type TokensToCall = Pick<StoredTokenSet, (typeof tokenFields)[number]>;

const statement = `
  SELECT wanted.place, k."discovery", ${serverFields.map((field) => `s."${field}"`).join(", ")},
    ${joinedColumns("c", clientFields)}, ${joinedColumns("t", tokenFields)}
  FROM ${keysOf.twoParts} AS wanted (id, "userId", place)
  JOIN "McpServer" s ON s."id" = wanted.id
  LEFT JOIN "OAuthClient" c ON c."serverId" = s."id"
  LEFT JOIN "ToolCatalogue" k ON k."serverId" = s."id" AND k."serverVersion" = s."version"
  LEFT JOIN "StoredTokenSet" t ON t."serverId" = s."id" AND t."ownerKey" =
    CASE c."tokenSharing" WHEN 'SHARED' THEN 'shared' ELSE wanted."userId" END
    AND ${ownerIsActive}`;

export interface ServerToCall {
  server: ServerColumns & { oauthClient: ClientColumns | null };
  /** What was once discovered about this version of its configuration; null: nothing. */
  discovery: unknown;
  /** The team's if people share one account, otherwise those of the person's first account. */
  tokens: TokensToCall | null;
}

type Row = ServerColumns & { discovery: unknown } & Record<string, unknown>;

/** Everything that a person's first call to a server needs, in one round trip. */
export async function findServerToCall(
  db: Database,
  serverId: string,
  userId: string,
): Promise<ServerToCall | null> {
  const row = await db.$byKey.find<Row>(statement, [serverId, userId]);
  if (!row) return null;
  return {
    server: { ...row, oauthClient: joinedRow<ClientColumns>(row, "c", clientFields) },
    discovery: row.discovery,
    tokens: joinedRow<TokensToCall>(row, "t", tokenFields),
  };
}

export type AccountToUse = Pick<StoredTokenSet, "ownerKey" | "isDefault">;

const accountsOfPerson = `
  SELECT wanted.place, (
    SELECT coalesce(json_agg(json_build_object('ownerKey', t."ownerKey", 'isDefault', t."isDefault")
      ORDER BY t."createdAt", t."id"), '[]')
    FROM (
      SELECT * FROM "StoredTokenSet" o
      WHERE o."serverId" = wanted."serverId" AND o."ownerKey" = 'shared'
      UNION ALL
      SELECT * FROM "StoredTokenSet" o
      WHERE o."serverId" = wanted."serverId" AND o."userId" = wanted."userId"
    ) t
    WHERE ${ownerIsActive}
  ) AS accounts
  FROM ${keysOf.twoParts} AS wanted ("serverId", "userId", place)`;

/** A person's stored accounts at a server, oldest first, and the team's. */
export async function listAccountsToUse(
  db: Database,
  serverId: string,
  userId: string,
): Promise<AccountToUse[]> {
  const key = [serverId, userId];
  const row = await db.$byKey.find<{ accounts: AccountToUse[] }>(accountsOfPerson, key);
  return row?.accounts ?? [];
}

/** How one viewer is connected: their own and the shared tokens, with nothing unsealed. */
export type ServerOfViewerRow = McpServer & {
  oauthClient: OAuthClient | null;
  storedTokenSets: (StoredTokenSet & { authorizedBy: { name: string } | null })[];
  /** The viewer's own, at most one. */
  personalKeys: PersonalKey[];
  /** The viewer's last failed authorization, if any. */
  authorizationRequests: Pick<AuthorizationRequest, "ownerKey" | "failure" | "consumedAt">[];
};

export const relationsOfViewer = (userId: string) =>
  ({
    oauthClient: true,
    storedTokenSets: {
      where: { OR: [{ ownerKey: "shared" }, { userId }] },
      include: { authorizedBy: { select: { name: true } } },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
    },
    personalKeys: { where: { userId } },
    authorizationRequests: {
      where: { userId, failure: { not: null } },
      select: { ownerKey: true, failure: true, consumedAt: true },
      orderBy: { consumedAt: "desc" },
      take: 1,
    },
  }) satisfies Prisma.McpServerInclude;

/** Without its list of tools, which may be long: for a call. */
export function findServerOfViewer(
  db: Database,
  id: string,
  userId: string,
): Promise<ServerOfViewerRow | null> {
  return db.mcpServer.findUnique({ where: { id }, include: relationsOfViewer(userId) });
}
