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

const serverColumns = [
  ...(["id", "name", "description", "transport", "url", "command", "args"] as const),
  ...(["authentication", "headerSharing", "settings", "version", "updatedAt"] as const),
  "switchedOffAt" as const,
] satisfies (keyof McpServer)[];
const clientColumns = [
  ...([
    "tokenSharing",
    "grantType",
    "authorizationEndpoint",
    "extraAuthorizationParameters",
  ] as const),
  "accountPrompt" as const,
] satisfies (keyof OAuthClient)[];
const catalogueColumns = [
  ...(["toolCount", "fetchedAt", "lastError"] as const),
] satisfies (keyof ToolCatalogue)[];
const healthColumns = [
  ...(["answeredAt", "failedAt", "error"] as const),
] satisfies (keyof ServerHealth)[];
const tokenColumns = [
  ...(["ownerKey", "expiresAt", "rejectedAt", "refreshFailures", "nextRefreshAt"] as const),
  ...(["lastRefreshError", "lastRefreshErrorAt", "failsAlone", "scope", "requestedScope"] as const),
  ...(["obtainedAt", "lastRefreshedAt", "accountName", "grantType"] as const),
] satisfies (keyof StoredTokenSet)[];
const keyColumns = [
  ...(["userId", "headerNames", "savedAt", "rejectedAt", "rejectedReason"] as const),
  "accountName" as const,
] satisfies (keyof PersonalKey)[];

type Columns<Row, Names extends readonly (keyof Row)[]> = Pick<Row, Names[number]>;

/**
 * A server as lists show it to one viewer, with the viewer's own and the shared tokens. No list of tools is
 * read, and of a refresh token only whether it is there.
 */
export type McpServerListRow = Columns<McpServer, typeof serverColumns> & {
  oauthClient: Columns<OAuthClient, typeof clientColumns> | null;
  catalogue: Columns<ToolCatalogue, typeof catalogueColumns> | null;
  health: Columns<ServerHealth, typeof healthColumns> | null;
  storedTokenSets: (Columns<StoredTokenSet, typeof tokenColumns> & {
    refreshTokenSealed: string | null;
    authorizedBy: { name: string } | null;
  })[];
  /** The viewer's own, one at most. */
  personalKeys: Columns<PersonalKey, typeof keyColumns>[];
  /** The viewer's last failed authorization, if any. */
  authorizationRequests: Pick<AuthorizationRequest, "ownerKey" | "failure" | "consumedAt">[];
};

/**
 * One statement, where Prisma sends one for each relation and puts the rows together itself: a
 * quarter of the time of the whole list.
 */
function serversOfViewer(): string {
  return `
  SELECT wanted.place, (
    SELECT coalesce(json_agg(listed.row ORDER BY listed.name), '[]') FROM (
      SELECT s."name", ${json("s", serverColumns)} || jsonb_build_object(
        'oauthClient', (
          SELECT ${json("c", clientColumns)} FROM "OAuthClient" c WHERE c."serverId" = s."id"),
        'catalogue', (
          SELECT ${json("k", catalogueColumns)} FROM "ToolCatalogue" k WHERE k."serverId" = s."id"),
        'health', (
          SELECT ${json("h", healthColumns)} FROM "ServerHealth" h WHERE h."serverId" = s."id"),
        'storedTokenSets', (
          SELECT coalesce(jsonb_agg(${json("t", tokenColumns)} || jsonb_build_object(
            'refreshTokenSealed', left(t."refreshTokenSealed", 2),
            'authorizedBy',
            (SELECT jsonb_build_object('name', u."name") FROM "User" u WHERE u."id" = t."authorizedById")
          )), '[]')
          FROM "StoredTokenSet" t
          WHERE t."serverId" = s."id" AND t."ownerKey" IN ('shared', wanted."userId")),
        'personalKeys', (
          SELECT coalesce(jsonb_agg(${json("o", keyColumns)}), '[]') FROM "PersonalKey" o
          WHERE o."serverId" = s."id" AND o."userId" = wanted."userId"),
        'authorizationRequests', (
          SELECT coalesce(jsonb_agg(r), '[]') FROM (
            SELECT a."ownerKey", a."failure", a."consumedAt" FROM "AuthorizationRequest" a
            WHERE a."serverId" = s."id" AND a."userId" = wanted."userId" AND a."failure" IS NOT NULL
            ORDER BY a."consumedAt" DESC LIMIT 1) r)
      ) AS row
      FROM "McpServer" s
    ) listed
  ) AS servers
  FROM unnest($1::text[]) WITH ORDINALITY AS wanted ("userId", place)`;
}

function json(alias: string, columns: readonly string[]): string {
  return `jsonb_build_object(${columns.map((name) => `'${name}', ${alias}."${name}"`).join(", ")})`;
}

/** By name. */
export async function listMcpServers(db: Database, userId: string): Promise<McpServerListRow[]> {
  const row = await db.$byKey.find<{ servers: McpServerListRow[] }>(serversOfViewer(), [userId]);
  const servers = row?.servers ?? [];
  for (const server of servers) {
    readDates(server, ["updatedAt", "switchedOffAt"]);
    if (server.catalogue) readDates(server.catalogue, ["fetchedAt"]);
    if (server.health) readDates(server.health, ["answeredAt", "failedAt"]);
    for (const tokens of server.storedTokenSets) readDates(tokens, tokenDates);
    for (const key of server.personalKeys) readDates(key, ["savedAt", "rejectedAt"]);
    for (const request of server.authorizationRequests) readDates(request, ["consumedAt"]);
  }
  return servers;
}

const tokenDates = [
  ...(["expiresAt", "rejectedAt", "nextRefreshAt", "lastRefreshErrorAt"] as const),
  ...(["obtainedAt", "lastRefreshedAt"] as const),
] satisfies (keyof StoredTokenSet)[];

/** JSON has no dates. In its place, and so that twice is once: requests at the same time share a row. */
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
