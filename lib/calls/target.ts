import { firstAccount, ownerKeyOfAccount } from "@/lib/contracts/connections/account";
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
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { listAccountsToUse, type TokensToCall } from "@/lib/db/servers/server-to-call";
import { findTokenSet, type Owner } from "@/lib/db/stored-token-set";
import { AccountChoiceRequiredError } from "@/lib/errors";
import type { BearerSource, CallLimits, McpTarget } from "@/lib/mcp/target";
import { isStepUpPending } from "@/lib/oauth/scope";
import { chooseAccount } from "@/lib/servers/choose-account";
import {
  accountSettings,
  type EndpointCache,
  hasAccountChoice,
  openEndpoint,
  ownerKeyOf,
} from "@/lib/servers/open-endpoint";
import type { Ticket } from "@/lib/short-lived";
import { bearerSource, keepForCall, notConnectedWords } from "@/lib/tokens/access-token";
import { viewConnection } from "@/lib/tokens/connection-view";
import { expectAccount } from "@/lib/tokens/exchanged-account";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";
import { withPersonalKey } from "./personal-key";

type TargetContext = RefreshContext & { endpointCache: EndpointCache };

export interface WantedAccount {
  /** The one that the person chose (lib/contracts/connections/account.ts). Absent: the one by default. */
  account?: string | null;
  /** Somebody tests: without a default, any account of the person's will do. */
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
    // The tokens were not read along if the server was cached.
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
 * Whose tokens this call uses. Most people have one account, by default: for them nothing more is read than its tokens.
 * @returns `tokens` where they were read
 */
async function ownerOfCall(
  ctx: TargetContext,
  { server, tokens }: Awaited<ReturnType<typeof openEndpoint>>,
  userId: string,
  { account = null, orAny = false }: WantedAccount,
  ticket: Ticket,
): Promise<{ owner: Owner; tokens?: TokensToCall | null | undefined }> {
  const owner = { serverId: server.id, ownerKey: ownerKeyOf(server, userId) };
  if (!hasAccountChoice(server)) return { owner, tokens };
  if (account === null && !accountSettings(server).asksEachTime) {
    if (ctx.tokenCache.isDefault(owner)) return { owner, tokens };
    const found =
      tokens ?? (await ctx.tokenCache.read(owner, ticket, () => findTokenSet(ctx.db, owner)));
    if (found?.isDefault) return { owner, tokens: found };
  }
  const stored = await listAccountsToUse(ctx.db, server.id, userId);
  if (stored.length === 0 && account === null) return { owner, tokens: null };
  const decision = chooseAccount(server, stored, account);
  if (decision.use === null && !orAny) {
    throw new AccountChoiceRequiredError(`${server.name}: ${whyToChoose[decision.because]}`);
  }
  const use = decision.use ?? decision.options[0] ?? firstAccount;
  return { owner: { ...owner, ownerKey: ownerKeyOfAccount(use, userId) } };
}

const whyToChoose = {
  each_time: "choose the account to use.",
  no_default: "choose the account to use. None is set as the default.",
  gone: "the chosen account is no longer connected. Choose another one.",
  not_offered: "the team’s account is no longer offered. Choose another one.",
} as const;

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
}

/** The account that a person's call to this server uses. Null: the server does not exist any more. */
export async function describeAccount(
  ctx: { db: Database; now: () => Date },
  serverId: string,
  user: { id: string; name: string },
): Promise<AccountDescription | null> {
  const server = await findMcpServerPage(ctx.db, serverId, user.id);
  if (!server) return null;
  const { name: serverName } = server;
  const connection = viewConnection(server, user.id, ctx.now());
  const tokenSharing = sharingOf(server);
  if (connection && tokenSharing) {
    return {
      serverName,
      tokenSharing,
      actingAs: inWords(tokenSharing, connection),
      connected: callsWork(connection.standing) && !wantsMore(server, user.id),
    };
  }
  const actingAs = startsProgram(server.transport)
    ? "Local process"
    : withoutAccount[storedCredential(server)];
  return { serverName, tokenSharing: null, actingAs, connected: true };
}

const withoutAccount = {
  nothing: "No sign-in",
  headers: "Stored headers",
  "oauth-client": "No account",
} as const satisfies Record<ReturnType<typeof storedCredential>, string>;

function inWords(tokenSharing: TokenSharing, connection: ConnectionView): string {
  const { accountName, authorizedBy, personalKey } = connection;
  if (personalKey) return accountName === null ? "Your own key" : `Your own key for ${accountName}`;
  if (accountUsed(tokenSharing) === "person") {
    const own = accountName === null ? "Your account" : `Your account ${accountName}`;
    return isManagedByOrganization(tokenSharing, connection)
      ? `${own}, managed by your organization`
      : own;
  }
  const named = accountName === null ? "Shared account" : `Shared account ${accountName}`;
  return authorizedBy === null ? named : `${named} (authorized by ${authorizedBy})`;
}

function wantsMore(server: McpServerPageRow, userId: string): boolean {
  const ownerKey = ownerKeyOf(server, userId);
  const tokens = server.storedTokenSets.find((each) => each.ownerKey === ownerKey);
  return tokens !== undefined && isStepUpPending(tokens);
}
