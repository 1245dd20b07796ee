import { type AccessUser, readAccess } from "@/lib/access/read-access";
import type {
  ConnectionListItem,
  ConnectionStanding,
  ConnectionView,
} from "@/lib/contracts/connections/connection";
import {
  type ConnectionFacts,
  countStandings,
  shortStatus,
  standingOf,
} from "@/lib/contracts/connections/connection-standing";
import { whyNoRefreshToken } from "@/lib/contracts/connections/no-refresh-token";
import { asksForKeys, needsConsent, sharingOf } from "@/lib/contracts/servers/kinds";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { accountPromptOf } from "@/lib/contracts/servers/provider-presets";
import { listPersonalKeys } from "@/lib/db/accounts/personal-key";
import type { Database } from "@/lib/db/client";
import { listMcpServers, type McpServerListRow } from "@/lib/db/lists/mcp-servers";
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { isRefreshable } from "@/lib/db/refresh/refreshable";
import { listPeoplesTokens, type StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { NotFoundError } from "@/lib/errors";
import { ownerKeyOf } from "@/lib/servers/open-endpoint";
import { type StdioSituation, viewDetail } from "@/lib/servers/view";
import { askedHeaders, personalKeyFacts, viewPersonalKey } from "./personal-key";

/** Null where nobody connects anything. Of everybody where tokens are shared, else of `userId`. */
export function viewConnection(
  row: McpServerListRow,
  userId: string,
  now: Date,
): ConnectionView | null {
  if (asksForKeys(row)) return viewPersonalKey(row, userId, now);
  if (!row.oauthClient) return null;
  const ownerKey = ownerKeyOf(row, userId);
  const tokens = row.storedTokenSets.find((each) => each.ownerKey === ownerKey) ?? null;
  const facts = tokens && connectionFacts(tokens);
  const noRefreshToken =
    tokens && facts && !facts.refreshable && facts.expiresAt !== null
      ? whyNoRefreshToken({ ...granted(row.oauthClient), ...scopesOf(tokens) }).words
      : null;
  const standing = standingOf(facts && { ...facts, noRefreshToken }, now);
  const failed = failedAuthorization(row, ownerKey, tokens);
  return {
    standing,
    status: shortStatus(standing),
    expiresAt: facts?.expiresAt?.toISOString() ?? null,
    refreshable: facts?.refreshable ?? false,
    noRefreshToken,
    lastRefreshError: failed?.reason ?? facts?.lastRefreshError ?? null,
    scope: tokens?.scope ?? null,
    obtainedAt: tokens?.obtainedAt.toISOString() ?? null,
    lastRefreshedAt: tokens?.lastRefreshedAt?.toISOString() ?? null,
    failedAuthorization: failed,
    authorizedBy: tokens?.authorizedBy?.name ?? null,
    accountName: tokens?.accountName ?? null,
    otherAccount: tokens && otherAccount(row.oauthClient),
    personalKey: null,
  };
}

/** Null where nobody signs in, so that there is no other account to choose. */
function otherAccount(client: NonNullable<McpServerListRow["oauthClient"]>) {
  if (!needsConsent(client.grantType)) return null;
  const { host } = new URL(client.authorizationEndpoint);
  return { asks: accountPromptOf(client) !== null, host };
}

function granted({
  authorizationEndpoint,
  extraAuthorizationParameters,
}: NonNullable<McpServerListRow["oauthClient"]>) {
  return {
    authorizationEndpoint,
    extraAuthorizationParameters: extraAuthorizationParameters as Record<string, string>,
  };
}

function scopesOf({ requestedScope, scope }: Pick<StoredTokenSetRow, "requestedScope" | "scope">) {
  return { requestedScope, grantedScope: scope };
}

/** Nothing where something newer is known: other tokens, or another failure. */
function failedAuthorization(
  row: McpServerListRow,
  ownerKey: string,
  tokens: McpServerListRow["storedTokenSets"][number] | null,
): ConnectionView["failedAuthorization"] {
  const [request] = row.authorizationRequests;
  if (!request?.failure || !request.consumedAt || request.ownerKey !== ownerKey) return null;
  const since = Math.max(
    tokens?.obtainedAt.getTime() ?? 0,
    tokens?.lastRefreshErrorAt?.getTime() ?? 0,
  );
  if (request.consumedAt.getTime() < since) return null;
  return { reason: request.failure, at: request.consumedAt.toISOString() };
}

/**
 * The servers that act with OAuth tokens or people's own keys, as one person stands with them: those that
 * they may use. An auditor uses none, and reads all.
 */
export async function listConnections(
  ctx: { db: Database; now: () => Date },
  user: AccessUser,
  serverId?: string,
): Promise<ConnectionListItem[]> {
  const userId = user.id;
  const [rows, access] = await Promise.all([
    serverId === undefined
      ? listMcpServers(ctx.db, userId)
      : findMcpServerPage(ctx.db, serverId, userId).then((row) => [row]),
    readAccess(ctx.db, user, { servers: serverId === undefined ? "all" : [serverId] }),
  ]);
  return rows.flatMap((row) => {
    if (row && user.role !== "AUDITOR" && !access.mayUseServer(row.id)) return [];
    const connection = row && viewConnection(row, userId, ctx.now());
    const tokenSharing = row && sharingOf(row);
    if (!connection || !tokenSharing) return [];
    const { id, name, description } = row;
    return [{ serverId: id, serverName: name, description, tokenSharing, connection }];
  });
}

type Row = Pick<
  StoredTokenSetRow,
  Exclude<keyof ConnectionFacts, "refreshable" | "noRefreshToken">
> &
  Pick<StoredTokenSetRow, "refreshTokenSealed" | "grantType">;

/** What `standingOf` asks of stored tokens. */
export function connectionFacts(row: Row): ConnectionFacts {
  const { expiresAt, rejectedAt, refreshFailures, nextRefreshAt } = row;
  const { lastRefreshError, lastRefreshErrorAt, failsAlone } = row;
  return {
    ...{ expiresAt, rejectedAt, refreshFailures, nextRefreshAt },
    ...{ lastRefreshError, lastRefreshErrorAt, failsAlone },
    refreshable: isRefreshable(row),
  };
}

/** A server's page: its settings without secrets, its tools, and how the viewer is connected. */
export async function serverDetail(
  ctx: { db: Database; now: () => Date; stdio: StdioSituation },
  serverId: string,
  viewerId: string,
): Promise<McpServerDetail> {
  const row = await findMcpServerPage(ctx.db, serverId, viewerId);
  if (!row) throw new NotFoundError("This MCP server was deleted.");
  const now = ctx.now();
  const owners = await accountOwners(ctx.db, row, now);
  const people = countStandings(owners.map(({ standing }) => standing));
  const viewOf = (each: McpServerListRow) => viewConnection(each, viewerId, now);
  return {
    ...viewDetail(row, people, viewOf, ctx.stdio, now),
    accountOwners: owners.slice(0, mostOwners).map(viewOwner),
  };
}

const mostOwners = 50;

interface Owner {
  name: string;
  accountName: string | null;
  since: Date;
  standing: ConnectionStanding;
}

/** Of people's own accounts or keys, the newest first. */
async function accountOwners(db: Database, row: McpServerPageRow, now: Date): Promise<Owner[]> {
  if (!asksForKeys(row)) {
    return (await listPeoplesTokens(db, row.id)).map((tokens) => ({
      ...{ name: tokens.ownerName, accountName: tokens.accountName, since: tokens.createdAt },
      standing: standingOf(tokens, now),
    }));
  }
  const headers = askedHeaders(row);
  return (await listPersonalKeys(db, row.id)).map((key) => ({
    ...{ name: key.user.name, accountName: key.accountName, since: key.savedAt },
    standing: standingOf(personalKeyFacts(headers, key), now),
  }));
}

function viewOwner({ since, standing, ...owner }: Owner): McpServerDetail["accountOwners"][number] {
  return { ...owner, since: since.toISOString(), status: standing.status };
}
