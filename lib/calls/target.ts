import {
  firstAccount,
  ownerKeyOfAccount,
  personOfOwnerKey,
  teamAccount,
} from "@/lib/contracts/connections/account";
import type { ConnectionView } from "@/lib/contracts/connections/connection";
import {
  callsWork,
  isManagedByOrganization,
} from "@/lib/contracts/connections/connection-standing";
import {
  accountUsed,
  asksForKeys,
  sharingOf,
  startsProgram,
  storedCredential,
  type TokenSharing,
} from "@/lib/contracts/servers/kinds";
import { personalHeadersOf } from "@/lib/contracts/servers/personal-headers";
import type { ServerSettings } from "@/lib/contracts/servers/settings";
import type { Database } from "@/lib/db/client";
import {
  findServerOfViewer,
  listAccountsToUse,
  type ServerOfViewerRow,
  type TokensToCall,
} from "@/lib/db/servers/server-to-call";
import { findTokenSet, type Owner } from "@/lib/db/stored-token-set";
import type { BearerSource, CallLimits, McpTarget } from "@/lib/mcp/target";
import { isStepUpPending } from "@/lib/oauth/scope";
import { chooseAccount, ownerToUse, wordsToChoose } from "@/lib/servers/choose-account";
import {
  accountSettings,
  type EndpointCache,
  hasAccountChoice,
  openEndpoint,
  ownerKeyOf,
} from "@/lib/servers/open-endpoint";
import type { Ticket } from "@/lib/short-lived";
import { bearerSource, keepForCall, notConnectedWords } from "@/lib/tokens/access-token";
import { viewAccountConnection, viewConnection } from "@/lib/tokens/connection-view";
import { expectAccount } from "@/lib/tokens/exchanged-account";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { withPersonalKey } from "./personal-key";

type TargetContext = RefreshContext & { endpointCache: EndpointCache };

export interface WantedAccount {
  /** The one that the person chose (lib/contracts/connections/account.ts). Absent: the default one. */
  account?: string | null;
  /** For a test: without a default, any account of the person's is used. */
  orAny?: boolean;
  evenIfRefused?: boolean;
}

/**
 * A server as this person may call it: its address, secrets, and the right account's tokens. If that
 * account has no tokens, the target says so, and the call is refused before anything connects.
 * @throws AccountChoiceRequiredError the person has to say which account
 */
export async function targetFor(
  ctx: TargetContext,
  serverId: string,
  userId: string,
  wanted: WantedAccount = {},
): Promise<McpTarget> {
  const { evenIfRefused = false } = wanted;
  const ticket = ctx.tokenCache.ticket();
  const opened = await openEndpoint(ctx, serverId, userId);
  const { server, endpoint, settings, discovery } = opened;
  const { owner, tokens } = await ownerOfCall(ctx, opened, userId, wanted, ticket);
  const target = {
    serverId,
    ownerKey: owner.ownerKey,
    serverName: server.name,
    version: server.version,
    endpoint,
    callLimits: callLimitsOf(settings),
    storedEra: discovery,
    isSwitchedOff: server.switchedOffAt !== null,
  };
  if (asksForKeys(server)) {
    const person = { headers: personalHeadersOf(settings), userId, evenIfRefused };
    return withPersonalKey(ctx, { ...target, bearer: null }, person);
  }
  let bearer: BearerSource | null = null;
  let notConnected = false;
  if (server.oauthClient) {
    const bySignIn = server.oauthClient.tokenSharing === "ORGANIZATION";
    bearer = bearerSource(ctx, owner, {
      ...{ serverVersion: server.version, evenIfRefused },
      ...(bySignIn ? { expect: () => expectAccount(ctx, owner) } : {}),
    });
    // If the server was cached, the tokens were not read along.
    if (tokens !== undefined || ctx.tokenCache.get(owner) === null) {
      const stored =
        tokens ?? (await ctx.tokenCache.read(owner, ticket, () => findTokenSet(ctx.db, owner)));
      if (stored) keepForCall(ctx, stored, ticket);
      notConnected = stored === null && !bySignIn;
    }
  }
  return { ...target, bearer, ...(notConnected ? { notConnected: notConnectedWords } : {}) };
}

/**
 * Whose tokens this call uses. Most people have a single account, by default: for them only its tokens are read.
 * @returns `tokens` if they were read
 */
async function ownerOfCall(
  ctx: TargetContext,
  { server, tokens }: Awaited<ReturnType<typeof openEndpoint>>,
  userId: string,
  { account = null, orAny = false }: WantedAccount,
  ticket: Ticket,
): Promise<{ owner: Owner; tokens?: TokensToCall | null | undefined }> {
  const owner = { serverId: server.id, ownerKey: ownerKeyOf(server, userId) };
  if (!hasAccountChoice(server) || account === firstAccount) return { owner, tokens };
  if (account === null && !accountSettings(server).asksEachTime) {
    if (ctx.tokenCache.isDefault(owner)) return { owner, tokens };
    const found =
      tokens ?? (await ctx.tokenCache.read(owner, ticket, () => findTokenSet(ctx.db, owner)));
    if (found?.isDefault) return { owner, tokens: found };
  }
  const stored = await listAccountsToUse(ctx.db, server.id, userId);
  if (stored.length === 0 && account === null) return { owner, tokens: null };
  return { owner: ownerToUse(server, stored, { userId, account, orAny }) };
}

function callLimitsOf({ callTimeoutSeconds, callLimitSeconds }: ServerSettings): CallLimits {
  return { silenceMs: callTimeoutSeconds * 1000, totalMs: callLimitSeconds * 1000 };
}

export interface AccountDescription {
  serverName: string;
  tokenSharing: TokenSharing | null;
  /** For the card of a tool call. */
  actingAs: string;
  /** Whether a call could be made now, as far as is known without trying. False if it needs more scopes. */
  connected: boolean;
  /** The account that a call uses, by the person's name for it. Null: no choice at this server, or theirs to make. */
  account: string | null;
  /** It is what calls use unless the person chooses another account. */
  isDefault: boolean;
  /** Why the person has to choose an account first, in words. Null: they do not. */
  choose: string | null;
}

/**
 * The account that a person's call to this server uses. Null: the server no longer exists.
 * @param account that was chosen for the call; null: nobody chose
 */
export async function describeAccount(
  ctx: { db: Database; now: () => Date },
  serverId: string,
  user: { id: string; name: string },
  account: string | null = null,
): Promise<AccountDescription | null> {
  const server = await findServerOfViewer(ctx.db, serverId, user.id);
  if (!server) return null;
  const { name: serverName, oauthClient } = server;
  if (oauthClient && hasAccountChoice(server)) {
    return describeChoice({ ...server, oauthClient }, user.id, account, ctx.now());
  }
  const rest = { serverName, account: null, isDefault: true, choose: null };
  const connection = viewConnection(server, user.id, ctx.now());
  const tokenSharing = sharingOf(server);
  if (connection && tokenSharing) {
    const isReady =
      callsWork(connection.standing) && !wantsMore(server, ownerKeyOf(server, user.id));
    const actingAs = inWords(tokenSharing, connection);
    return { ...rest, tokenSharing, actingAs, connected: isReady };
  }
  const actingAs = startsProgram(server.transport)
    ? "Local process"
    : withoutAccount[storedCredential(server)];
  return { ...rest, tokenSharing: null, actingAs, connected: true };
}

/** At a server where each person connects their own accounts. */
function describeChoice(
  server: Parameters<typeof viewAccountConnection>[0],
  userId: string,
  account: string | null,
  now: Date,
): AccountDescription {
  const { name: serverName, storedTokenSets: stored } = server;
  const rest = { serverName, tokenSharing: "PER_USER" as const };
  const isFirst = stored.length === 0 && (account ?? firstAccount) === firstAccount;
  const decision = isFirst ? { use: firstAccount } : chooseAccount(server, stored, account);
  if (decision.use === null) {
    const choose = wordsToChoose(serverName, decision.because);
    const nothing = { account: null, isDefault: false, connected: false };
    return { ...rest, ...nothing, actingAs: "An account that you choose", choose };
  }
  const { use } = decision;
  const ownerKey = isFirst ? userId : ownerKeyOfAccount(use, userId);
  const tokens = stored.find((each) => each.ownerKey === ownerKey);
  const hasOwn = stored.some((each) => personOfOwnerKey(each.ownerKey) !== null);
  const connection = viewAccountConnection(server, ownerKey, now);
  return {
    ...rest,
    actingAs:
      use === teamAccount
        ? sharedInWords("Team account", connection)
        : ownInWords(connection.accountName, tokens?.label ?? null),
    connected: callsWork(connection.standing) && !wantsMore(server, ownerKey),
    account: use,
    isDefault: hasOwn
      ? use !== teamAccount && tokens?.isDefault === true
      : use === teamAccount || stored.length === 0 || !accountSettings(server).offersTeamAccount,
    choose: null,
  };
}

const withoutAccount = {
  nothing: "No sign-in",
  headers: "Stored headers",
  "oauth-client": "No account",
} as const satisfies Record<ReturnType<typeof storedCredential>, string>;

function inWords(tokenSharing: TokenSharing, connection: ConnectionView): string {
  const { accountName, personalKey } = connection;
  if (personalKey) return accountName === null ? "Your own key" : `Your own key for ${accountName}`;
  if (accountUsed(tokenSharing) === "team") return sharedInWords("Shared account", connection);
  const own = ownInWords(accountName, null);
  return isManagedByOrganization(tokenSharing, connection)
    ? `${own}, managed by your organization`
    : own;
}

function ownInWords(accountName: string | null, label: string | null): string {
  if (label === null) return accountName === null ? "Your account" : `Your account ${accountName}`;
  return accountName === null ? `Your account ${label}` : `Your account ${label} (${accountName})`;
}

function sharedInWords(
  what: "Shared account" | "Team account",
  { accountName, authorizedBy }: ConnectionView,
): string {
  const named = accountName === null ? what : `${what} ${accountName}`;
  return authorizedBy === null ? named : `${named} (authorized by ${authorizedBy})`;
}

function wantsMore(server: ServerOfViewerRow, ownerKey: string): boolean {
  const tokens = server.storedTokenSets.find((each) => each.ownerKey === ownerKey);
  return tokens !== undefined && isStepUpPending(tokens);
}
