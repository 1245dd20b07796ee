import { accountOptions, sharedOwnerKey } from "@/lib/contracts/connections/account";
import type { ConnectionSummary, ConnectionView } from "@/lib/contracts/connections/connection";
import {
  type ConnectionFacts,
  shortStatus,
  standingBeforeFirstUse,
  standingOf,
} from "@/lib/contracts/connections/connection-standing";
import { whyNoRefreshToken } from "@/lib/contracts/connections/no-refresh-token";
import { asksForKeys, grantedFor, needsConsent } from "@/lib/contracts/servers/kinds";
import { accountPromptOf } from "@/lib/contracts/servers/provider-presets";
import type { ConnectedServerRow } from "@/lib/db/lists/mcp-servers";
import type { ServerOfViewerRow } from "@/lib/db/servers/server-to-call";
import type { StoredTokenSetRow } from "@/lib/db/stored-token-set";
import { accountFacts, ownerToUse } from "@/lib/servers/choose-account";
import { accountSettings, hasAccountChoice, ownerKeyOf } from "@/lib/servers/open-endpoint";
import { viewPersonalKey } from "./personal-key";
import { isRefreshable } from "./token-set";

/** Null if no one connects anything. Everyone's if tokens are shared, otherwise `userId`'s. */
export function viewConnectionSummary(
  row: ConnectedServerRow,
  userId: string,
  now: Date,
): ConnectionSummary | null {
  if (asksForKeys(row)) return viewPersonalKey(row, userId, now);
  return row.oauthClient && viewUsed(row, row.oauthClient, usualOwnerKey(row, userId), now);
}

function viewUsed(
  row: ConnectedServerRow,
  client: Client,
  ownerKey: string,
  now: Date,
): ConnectionSummary {
  return {
    ...viewTokens(row, client, ownerKey, now),
    ...(hasAccountChoice(row) && row.storedTokenSets.length > 0 ? choiceOf(row, ownerKey) : {}),
  };
}

/** The same with everything that a page for one connection shows. */
export function viewConnection(
  row: ServerOfViewerRow,
  userId: string,
  now: Date,
): ConnectionView | null {
  if (asksForKeys(row)) return { ...viewPersonalKey(row, userId, now), ...historyOf(null) };
  if (!row.oauthClient) return null;
  const ownerKey = usualOwnerKey(row, userId);
  const summary = viewUsed(row, row.oauthClient, ownerKey, now);
  return { ...summary, ...historyOf(tokensOf(row, ownerKey)) };
}

/** The team's account, if people may have their own alongside it. Null: it is not offered. */
export function viewTeamConnection(row: ServerOfViewerRow, now: Date): ConnectionView | null {
  const { oauthClient } = row;
  if (!oauthClient || !accountSettings(row).offersTeamAccount) return null;
  return viewAccountConnection({ ...row, oauthClient }, sharedOwnerKey, now);
}

/** One account's, whichever the person's calls use. */
export function viewAccountConnection(
  row: ServerOfViewerRow & { oauthClient: NonNullable<ServerOfViewerRow["oauthClient"]> },
  ownerKey: string,
  now: Date,
): ConnectionView {
  const summary = viewTokens(row, row.oauthClient, ownerKey, now);
  return { ...summary, ...historyOf(tokensOf(row, ownerKey)) };
}

function historyOf(
  tokens: ServerOfViewerRow["storedTokenSets"][number] | null,
): Pick<ConnectionView, "lastRefreshedAt" | "authorizedBy"> {
  return {
    lastRefreshedAt: tokens?.lastRefreshedAt?.toISOString() ?? null,
    // No one consented to what a sign-in gave.
    authorizedBy:
      tokens && grantedFor(tokens.grantType) !== "sign-in"
        ? (tokens.authorizedBy?.name ?? null)
        : null,
  };
}

function tokensOf<Row extends ConnectedServerRow>(
  row: Row,
  ownerKey: string,
): Row["storedTokenSets"][number] | null {
  return row.storedTokenSets.find((each) => each.ownerKey === ownerKey) ?? null;
}

/** Whose tokens the viewer's calls use; without a default account, the first to choose from. */
function usualOwnerKey(row: ConnectedServerRow, userId: string): string {
  const usual = ownerKeyOf(row, userId);
  if (!hasAccountChoice(row) || row.storedTokenSets.length === 0) return usual;
  if (row.storedTokenSets.some((each) => each.ownerKey === usual && each.isDefault)) return usual;
  const wanted = { userId, account: null, orAny: true };
  return ownerToUse(row, row.storedTokenSets, wanted).ownerKey;
}

function choiceOf(
  row: ConnectedServerRow,
  ownerKey: string,
): Pick<ConnectionSummary, "accounts" | "isTeams"> {
  const accounts = accountOptions(accountFacts(row, row.storedTokenSets)).length;
  return {
    ...(accounts > 1 ? { accounts } : {}),
    ...(ownerKey === sharedOwnerKey ? { isTeams: true } : {}),
  };
}

function viewTokens(
  row: ConnectedServerRow,
  client: Client,
  ownerKey: string,
  now: Date,
): ConnectionSummary {
  const tokens = tokensOf(row, ownerKey);
  const why = tokens && noRefreshToken(client, tokens);
  const facts = tokens && connectionFacts(tokens, why);
  const isExpected = facts === null && grantedFor(client.grantType) === "sign-in";
  const standing = isExpected ? standingBeforeFirstUse() : standingOf(facts, now);
  const failed = failedAuthorization(row, ownerKey, tokens);
  return {
    standing,
    status: shortStatus(standing),
    expiresAt: isAwaited(tokens) ? null : (facts?.expiresAt?.toISOString() ?? null),
    refreshable: facts?.refreshable ?? false,
    noRefreshToken: why,
    lastRefreshError: failed?.reason ?? facts?.lastRefreshError ?? null,
    scope: tokens?.scope ?? null,
    obtainedAt: isAwaited(tokens) ? null : (tokens?.obtainedAt.toISOString() ?? null),
    lastUsedAt: tokens?.lastUsedAt?.toISOString() ?? null,
    failedAuthorization: failed,
    accountName: tokens?.accountName ?? null,
    otherAccount: tokens && otherAccount(client, tokens),
    personalKey: null,
  };
}

/** Its first exchange is still to come, or was refused: there never was a token. */
function isAwaited(tokens: Tokens | null): boolean {
  return tokens !== null && tokens.obtainedAt.getTime() === 0;
}

type Client = NonNullable<ConnectedServerRow["oauthClient"]>;
type Tokens = ConnectedServerRow["storedTokenSets"][number];

/** Null if no one signs in, so that there is no other account to choose. */
function otherAccount(client: Client, tokens: Tokens): ConnectionSummary["otherAccount"] {
  if (!needsConsent(tokens.grantType)) return null;
  const { host } = new URL(client.authorizationEndpoint);
  return { asks: accountPromptOf(client) !== null, host };
}

function noRefreshToken(client: Client, tokens: Tokens): string | null {
  if (isRefreshable(tokens.refreshTokenSealed, tokens.grantType) || tokens.expiresAt === null)
    return null;
  return whyNoRefreshToken({ ...granted(client), ...scopesOf(tokens) }).words;
}

function granted({ authorizationEndpoint, extraAuthorizationParameters }: Client) {
  return {
    authorizationEndpoint,
    extraAuthorizationParameters: extraAuthorizationParameters as Record<string, string>,
  };
}

function scopesOf({ requestedScope, scope }: Pick<StoredTokenSetRow, "requestedScope" | "scope">) {
  return { requestedScope, grantedScope: scope };
}

/** Nothing if something newer is known: other tokens, or another failure. */
function failedAuthorization(
  row: ConnectedServerRow,
  ownerKey: string,
  tokens: Tokens | null,
): ConnectionSummary["failedAuthorization"] {
  const [request] = row.authorizationRequests;
  if (!request?.failure || !request.consumedAt || request.ownerKey !== ownerKey) return null;
  const since = Math.max(
    tokens?.obtainedAt.getTime() ?? 0,
    tokens?.lastRefreshErrorAt?.getTime() ?? 0,
  );
  if (request.consumedAt.getTime() < since) return null;
  return { reason: request.failure, at: request.consumedAt.toISOString() };
}

type Row = Pick<
  StoredTokenSetRow,
  Exclude<keyof ConnectionFacts, "refreshable" | "noRefreshToken" | "managedByOrganization">
> &
  Pick<StoredTokenSetRow, "refreshTokenSealed" | "grantType">;

/** What `standingOf` needs to know about stored tokens. */
export function connectionFacts(row: Row, noRefreshToken: string | null = null): ConnectionFacts {
  return {
    expiresAt: row.expiresAt,
    rejectedAt: row.rejectedAt,
    refreshFailures: row.refreshFailures,
    nextRefreshAt: row.nextRefreshAt,
    lastRefreshError: row.lastRefreshError,
    lastRefreshErrorAt: row.lastRefreshErrorAt,
    failsAlone: row.failsAlone,
    refreshable: isRefreshable(row.refreshTokenSealed, row.grantType),
    noRefreshToken,
    managedByOrganization: grantedFor(row.grantType) === "sign-in",
  };
}
