import type { Database } from "./client";
import { type McpServer, type OAuthClient, Prisma, type StoredTokenSet } from "./generated/client";
import { joinedColumns, joinedRow } from "./joined-columns";
import type { McpServerRow } from "./mcp-server";
import type { TokensOfServer } from "./stored-token-set";

const clientFields = Object.values(Prisma.OAuthClientScalarFieldEnum);
const tokenFields = Object.values(Prisma.StoredTokenSetScalarFieldEnum);

const statement = `
  SELECT wanted.place, s.*, k."discovery",
    ${joinedColumns("c", clientFields)}, ${joinedColumns("t", tokenFields)}
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (id, "userId", place)
  JOIN "McpServer" s ON s."id" = wanted.id
  LEFT JOIN "OAuthClient" c ON c."serverId" = s."id"
  LEFT JOIN "ToolCatalogue" k ON k."serverId" = s."id" AND k."serverVersion" = s."version"
  LEFT JOIN "StoredTokenSet" t ON t."serverId" = s."id" AND t."ownerKey" =
    CASE c."tokenSharing" WHEN 'PER_USER' THEN wanted."userId" ELSE 'shared' END`;

export interface ServerToCall {
  server: McpServerRow;
  /** What was once discovered of this version of its configuration; null: nothing. */
  discovery: unknown;
  /** Those that this person's call uses. */
  tokens: TokensOfServer | null;
}

type Row = McpServer & { discovery: unknown } & Record<string, unknown>;

/** All that a person's first call to a server needs to know, in one round trip. */
export async function findServerToCall(
  db: Database,
  serverId: string,
  userId: string,
): Promise<ServerToCall | null> {
  const row = await db.$byKey.find<Row>(statement, [serverId, userId]);
  if (!row) return null;
  const oauthClient = joinedRow<OAuthClient>(row, "c", clientFields);
  const tokens = joinedRow<StoredTokenSet>(row, "t", tokenFields);
  return {
    server: { ...row, oauthClient },
    discovery: row.discovery,
    tokens: tokens && { ...tokens, server: { version: row.version } },
  };
}
