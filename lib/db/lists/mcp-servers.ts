import { accessColumns, type StoredAccess } from "../accounts/access";
import type { Database } from "../client";
import type {
  AuthorizationRequest,
  McpServer,
  OAuthClient,
  PersonalKey,
  ServerHealth,
  StoredTokenSet,
  ToolCatalogue,
} from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { keysOf } from "../read-by-key";

const connectedColumns = [
  ...(["id", "name", "description", "transport", "url"] as const),
  ...(["authentication", "headerSharing", "settings", "version"] as const),
] satisfies (keyof McpServer)[];
const serverColumns = [
  ...connectedColumns,
  ...(["command", "args", "updatedAt", "switchedOffAt"] as const),
] satisfies (keyof McpServer)[];
const clientColumns = [
  ...([
    "tokenSharing",
    "grantType",
    "authorizationEndpoint",
    "extraAuthorizationParameters",
    "accountPrompt",
    "settings",
  ] as const),
] satisfies (keyof OAuthClient)[];
const catalogueColumns = [
  ...(["toolCount", "fetchedAt", "lastError"] as const),
] satisfies (keyof ToolCatalogue)[];
const healthColumns = [
  ...(["answeredAt", "failedAt", "error"] as const),
] satisfies (keyof ServerHealth)[];
const tokenColumns = [
  ...(["ownerKey", "isDefault", "createdAt", "label"] as const),
  ...(["expiresAt", "rejectedAt", "refreshFailures", "nextRefreshAt"] as const),
  ...(["lastRefreshError", "lastRefreshErrorAt", "failsAlone", "scope", "requestedScope"] as const),
  ...(["obtainedAt", "lastUsedAt", "accountName", "grantType"] as const),
] satisfies (keyof StoredTokenSet)[];
const keyColumns = [
  ...(["userId", "headerNames", "savedAt", "rejectedAt", "rejectedReason"] as const),
  ...(["lastUsedAt", "accountName"] as const),
] satisfies (keyof PersonalKey)[];

const requestColumns = [
  ...(["ownerKey", "failure", "consumedAt"] as const),
] satisfies (keyof AuthorizationRequest)[];

type Columns<Row, Names extends readonly (keyof Row)[]> = Pick<Row, Names[number]>;

/** The basis for how one viewer is connected to a server: their own and the shared tokens, with nothing unsealed. */
export type ConnectedServerRow = Columns<McpServer, typeof connectedColumns> & {
  oauthClient: Columns<OAuthClient, typeof clientColumns> | null;
  storedTokenSets: (Columns<StoredTokenSet, typeof tokenColumns> & {
    /** Its first characters in a list. */
    refreshTokenSealed: string | null;
  })[];
  /** The viewer's own, at most one. */
  personalKeys: Columns<PersonalKey, typeof keyColumns>[];
  /** The viewer's last failed authorization, if any. */
  authorizationRequests: Columns<AuthorizationRequest, typeof requestColumns>[];
};

/** A server as lists show it to one viewer. No list of tools is read. */
export type McpServerListRow = ConnectedServerRow &
  Columns<McpServer, typeof serverColumns> & {
    catalogue: Columns<ToolCatalogue, typeof catalogueColumns> | null;
    health: Columns<ServerHealth, typeof healthColumns> | null;
  };

/**
 * One statement, where Prisma sends one for each relation and joins the rows itself: a quarter of the time
 * of the whole list. The JSON is not `jsonb`, which takes Postgres four times as long to build.
 */
function serversOfViewer(columns: string, joined: string, only: string): string {
  return `
  SELECT wanted.place, (
    SELECT coalesce(json_agg(listed ORDER BY listed."name"), '[]') FROM (
      SELECT ${columns},
        CASE WHEN c."id" IS NOT NULL THEN ${json("c", clientColumns)} END AS "oauthClient",
        (SELECT coalesce(json_agg(${json("t", tokenColumns, [
          `'refreshTokenSealed', left(t."refreshTokenSealed", 2)`,
        ])}), '[]')
          FROM (
            SELECT * FROM "StoredTokenSet" o WHERE o."serverId" = s."id" AND o."ownerKey" = 'shared'
            UNION ALL
            SELECT * FROM "StoredTokenSet" o WHERE o."serverId" = s."id" AND o."userId" = wanted."userId"
          ) t
        ) AS "storedTokenSets",
        CASE WHEN o."id" IS NULL THEN '[]' ELSE json_build_array(${json("o", keyColumns)}) END AS "personalKeys",
        CASE WHEN a."serverId" IS NULL THEN '[]' ELSE json_build_array(
          ${json("a", requestColumns)}) END AS "authorizationRequests"
      FROM "McpServer" s
      LEFT JOIN "OAuthClient" c ON c."serverId" = s."id"
      LEFT JOIN "PersonalKey" o ON o."serverId" = s."id" AND o."userId" = wanted."userId"
      LEFT JOIN (
        SELECT DISTINCT ON (r."serverId") r."serverId", r."ownerKey", r."failure", r."consumedAt"
        FROM "AuthorizationRequest" r
        WHERE r."userId" = wanted."userId" AND r."failure" IS NOT NULL
        ORDER BY r."serverId", r."consumedAt" DESC
      ) a ON a."serverId" = s."id"
      ${joined}
      WHERE ${only}
    ) listed
  ) AS servers
  FROM ${keysOf.onePart} AS wanted ("userId", place)`;
}

function json(alias: string, columns: readonly string[], more: readonly string[] = []): string {
  const pairs = columns.map((name) => `'${name}', ${alias}."${name}"`);
  return `json_build_object(${[...pairs, ...more].join(", ")})`;
}

const ofServer = (columns: readonly string[]) => columns.map((name) => `s."${name}"`).join(", ");

/** All of them, by name. */
export async function listMcpServers(db: Database, userId: string): Promise<McpServerListRow[]> {
  const statement = serversOfViewer(
    `${ofServer(serverColumns)},
      CASE WHEN k."serverId" IS NOT NULL THEN ${json("k", catalogueColumns)} END AS "catalogue",
      CASE WHEN h."serverId" IS NOT NULL THEN ${json("h", healthColumns)} END AS "health"`,
    `LEFT JOIN "ToolCatalogue" k ON k."serverId" = s."id"
      LEFT JOIN "ServerHealth" h ON h."serverId" = s."id"`,
    "true",
  );
  const row = await db.$byKey.find<{ servers: McpServerListRow[] }>(statement, [userId]);
  const servers = row?.servers ?? [];
  for (const server of servers) {
    readDates(server, ["updatedAt", "switchedOffAt"]);
    if (server.catalogue) readDates(server.catalogue, ["fetchedAt"]);
    if (server.health) readDates(server.health, ["answeredAt", "failedAt"]);
    readConnectionDates(server);
  }
  return servers;
}

/** By name, those that can be connected to, and perhaps others; each with what `decideAccess` needs. */
export async function listConnectedServers(
  db: Database,
  userId: string,
): Promise<(ConnectedServerRow & StoredAccess)[]> {
  const access = accessColumns("serverId", "s", Prisma.sql`wanted."userId"`).text;
  const statement = serversOfViewer(
    `${ofServer(connectedColumns)}, ${access}`,
    "",
    `c."id" IS NOT NULL OR s."headerSharing" = 'PER_USER'`,
  );
  type Row = ConnectedServerRow & StoredAccess;
  const row = await db.$byKey.find<{ servers: Row[] }>(statement, [userId]);
  const servers = row?.servers ?? [];
  for (const server of servers) readConnectionDates(server);
  return servers;
}

function readConnectionDates(server: ConnectedServerRow): void {
  for (const tokens of server.storedTokenSets) readDates(tokens, tokenDates);
  for (const key of server.personalKeys) readDates(key, ["savedAt", "rejectedAt", "lastUsedAt"]);
  for (const request of server.authorizationRequests) readDates(request, ["consumedAt"]);
}

const tokenDates = [
  ...(["expiresAt", "rejectedAt", "nextRefreshAt", "lastRefreshErrorAt"] as const),
  ...(["obtainedAt", "lastUsedAt", "createdAt"] as const),
] satisfies (keyof StoredTokenSet)[];

/** JSON has no dates. Converted in place and idempotently: concurrent requests share a row. */
function readDates<Name extends string>(
  row: { [Each in Name]: Date | null },
  names: readonly Name[],
): void {
  for (const name of names) {
    const value: Date | string | null = row[name];
    if (value !== null) row[name] = new Date(value);
  }
}

/** By name, with how many tools each is known to have. */
export function listServerChoices(
  db: Database,
): Promise<{ id: string; name: string; toolCount: number; changingToolCount: number }[]> {
  return db.$queryRaw`
    SELECT s."id", s."name", coalesce(c."toolCount", 0) AS "toolCount",
      coalesce(c."changingToolCount", 0) AS "changingToolCount"
    FROM "McpServer" s LEFT JOIN "ToolCatalogue" c ON c."serverId" = s."id"
    ORDER BY s."name"`;
}
