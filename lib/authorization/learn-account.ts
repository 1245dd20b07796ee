import { needsConsent } from "@/lib/contracts/servers/kinds";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import { saveAccountName } from "@/lib/db/accounts/account-name";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { saveAccountPrompt } from "@/lib/db/oauth-client";
import type { Owner } from "@/lib/db/stored-token-set";
import { accountEndpoints } from "@/lib/oauth/account/account-endpoints";
import { shownName, type ToldName } from "@/lib/oauth/account/account-name";
import { askIntrospection, askUserinfo } from "@/lib/oauth/account/ask-account";
import type { AccountName, AccountSource, ToldAccount } from "@/lib/oauth/account/told-account";
import { recordAccountTool } from "@/lib/oauth/recorded-exchange";
import { openAskingClient } from "@/lib/servers/oauth-client";
import type { Actor } from "@/lib/session/session-user";
import type { TokenSet } from "@/lib/tokens/token-set";
import { patiently } from "@/lib/work-under-way";
import type { AuthorizationContext, OAuthServer } from "./context";

/** Calls the tool that an admin named, with the account just connected. Null: it did not say. */
export type AskAccountTool = (owner: Owner) => Promise<string | null>;

interface Consent extends Owner {
  consentId: string;
  /** From the consent before; null: there was none, or it was not known. */
  previous: string | null;
  tokens: TokenSet;
  told: ToldAccount;
}

/** How long a person waits for the name of their account, in ms. It is stored if it arrives later. */
const patienceMs = 3000;
/** Of the metadata. */
const metadataMs = 4000;

/**
 * Finds out whose account was connected, if the token response does not say or an admin named a tool.
 * It never fails the consent: whatever goes wrong here, the name stays unchanged.
 *
 * @returns the name known at the end of the wait
 */
export async function learnAccount(
  ctx: AuthorizationContext,
  actor: Actor,
  server: OAuthServer,
  consent: Consent,
  askTool: AskAccountTool | null,
): Promise<string | null> {
  const stored = consent.told.account ?? consent.told.id;
  let isWaitedFor = true;
  const learning = learn(ctx, server, consent, askTool)
    .then(async (learned) => {
      if (learned === null || learned.name === stored?.name) return stored?.name ?? null;
      const { name: accountName, source: accountSource } = learned;
      if (!(await saveAccountName(ctx.db, consent, { accountName, accountSource }))) return null;
      if (!isWaitedFor) await auditLate(ctx, actor, server, consent, learned);
      return accountName;
    })
    .catch((error: unknown) => {
      // Only its kind: a provider's text may name people.
      const kind = error instanceof Error ? error.name : typeof error;
      ctx.log.info({ serverId: server.id, kind }, "whose account it is could not be learned");
      return stored?.name ?? null;
    });
  const known = await patiently(ctx.underWay.keep(learning), patienceMs, () => {
    isWaitedFor = false;
    return stored?.name ?? null;
  });
  return known;
}

/** From the admin's tool, otherwise from the token response, otherwise from the provider's own endpoints. */
async function learn(
  ctx: AuthorizationContext,
  server: OAuthServer,
  { serverId, ownerKey, tokens, told }: Consent,
  askTool: AskAccountTool | null,
): Promise<AccountName | null> {
  // Without a person's consent there is no one to ask about.
  const asking = needsConsent(tokens.grantType ?? "AUTHORIZATION_CODE")
    ? askProvider(ctx, server, tokens, told)
    : null;
  const byTool =
    askTool === null ? null : await toldByTool(ctx, server, () => askTool({ serverId, ownerKey }));
  const byProvider = await asking;
  return byTool === null ? byProvider : { name: byTool, source: "tool" };
}

/** For the flow inspector: that the tool was called, not what it said. */
async function toldByTool(
  ctx: AuthorizationContext,
  server: OAuthServer,
  askTool: () => Promise<string | null>,
): Promise<string | null> {
  const { accountTool } = readSettings(serverSettings, server.settings);
  if (accountTool === "") return null;
  const at = ctx.now();
  const startedAt = performance.now();
  const name = await askTool().catch(() => null);
  ctx.observe?.(() => recordAccountTool(at, performance.now() - startedAt, name !== null));
  return name;
}

async function askProvider(
  ctx: AuthorizationContext,
  server: OAuthServer,
  tokens: TokenSet,
  { account, id, subject }: ToldAccount,
): Promise<AccountName | null> {
  const { oauthClient } = server;
  const client = await openAskingClient(ctx, oauthClient);
  const signal = AbortSignal.timeout(metadataMs);
  const endpoints = await accountEndpoints(oauthClient, (url, init) =>
    ctx.discovery.outbound(url, { ...init, signal }),
  ).catch(() => null);
  if (endpoints === null) return account ?? id;
  if (endpoints.accountPrompt !== oauthClient.accountPrompt) {
    await saveAccountPrompt(ctx.db, oauthClient, endpoints.accountPrompt);
  }
  if (account !== null) return account;
  const { accessToken, scope } = tokens;
  const asked = { client, endpoints, accessToken, scope };
  const sources: [AccountSource, () => Promise<ToldName | null>][] = [
    ["userinfo", () => askUserinfo(asked, subject, ctx)],
    ["introspection", () => askIntrospection(asked, subject, ctx)],
  ];
  let fallback = id;
  for (const [source, ask] of sources) {
    const found = await ask().catch(() => null);
    const secrets = [tokens.accessToken, tokens.refreshToken ?? ""];
    const name = shownName(found?.name ?? null, secrets);
    if (name !== null) return { name, source };
    const opaque = shownName(found?.id ?? null, secrets);
    if (opaque !== null) fallback ??= { name: opaque, source };
  }
  return fallback;
}

async function auditLate(
  ctx: AuthorizationContext,
  actor: Actor,
  server: OAuthServer,
  { ownerKey, previous }: Consent,
  { name, source }: AccountName,
): Promise<void> {
  await insertAuditEvent(ctx.db, {
    action: "connection.account",
    ...by(actor),
    serverId: server.id,
    serverName: server.name,
    ownerKey,
    details: { account: name, source, previousAccount: previous },
  });
}
