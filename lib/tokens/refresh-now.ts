import { type AccessUser, mayUseServer } from "@/lib/access/read-access";
import { standingOf } from "@/lib/contracts/connections/connection-standing";
import { grantedFor, needsConsent } from "@/lib/contracts/servers/kinds";
import { findMcpServer } from "@/lib/db/mcp-server";
import { clearRejected, findTokenSet, type Owner } from "@/lib/db/stored-token-set";
import { ownerOfAccount } from "@/lib/servers/choose-account";
import { connectionFacts } from "@/lib/tokens/connection-view";
import { expectAccount } from "@/lib/tokens/exchanged-account";
import { refresh } from "@/lib/tokens/refresh";
import type { RefreshContext, RefreshOutcome } from "@/lib/tokens/refresh-outcome";

/**
 * For a person who does not want to wait for the next try. Nothing happens if the last refresh
 * succeeded, or was less than 5 s ago; the outcome is stored.
 */
export async function tryAgainNow(
  ctx: RefreshContext,
  user: AccessUser,
  serverId: string,
): Promise<void> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server?.oauthClient || !(await mayUseServer(ctx.db, user, serverId))) return;
  const { grantType } = server.oauthClient;
  const owner = await ownerOfAccount(ctx, server, user.id, null);
  const row = await findTokenSet(ctx.db, owner);
  if (grantedFor(grantType) === "sign-in" && !(row && needsConsent(row.grantType))) {
    await exchangeNow(ctx, owner);
    return;
  }
  if (!row || standingOf(connectionFacts(row), ctx.now()).status !== "retrying") return;
  await refresh(ctx, owner, row.version, "person");
}

/**
 * Exchanges a person's sign-in for new tokens, even if it was refused a moment ago: a person admitted in the meantime
 * need not wait.
 */
export async function exchangeNow(ctx: RefreshContext, owner: Owner): Promise<RefreshOutcome> {
  const row = (await findTokenSet(ctx.db, owner)) ?? (await expectAccount(ctx, owner));
  if (!row) return { outcome: "needs_authorization", reason: "This account is not connected." };
  if (row.rejectedAt !== null) await clearRejected(ctx.db, owner);
  ctx.tokenCache.drop(owner.serverId, owner.ownerKey);
  return refresh(ctx, owner, row.version, "person");
}
