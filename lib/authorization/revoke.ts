import type { RevokeResult } from "@/lib/contracts/connections/connection";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { deleteMcpServer, findMcpServer, type McpServerRow } from "@/lib/db/mcp-server";
import { deletePersonalKeys } from "@/lib/db/personal-key";
import { type StoredTokenSetRow, sharedOwnerKey, takeTokenSets } from "@/lib/db/stored-token-set";
import { NotFoundError } from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { Log } from "@/lib/log";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type Observe, observed } from "@/lib/oauth/client";
import { revokeTokens } from "@/lib/oauth/revocation";
import { openOAuthClient } from "@/lib/servers/oauth-client";
import type { ForgetServer } from "@/lib/servers/open-endpoint";
import type { Actor } from "@/lib/session/session-user";
import { openTokens } from "@/lib/tokens/token-store";
import type { Keyring } from "@/lib/vault/keyring";
import type { WorkUnderWay } from "@/lib/work-under-way";
import { patiently } from "@/lib/work-under-way";

export interface RevokeContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  outbound: OutboundFetch;
  log: Log;
  forget: ForgetServer;
  flows: FlowRecorder;
  underWay: WorkUnderWay;
  observe?: Observe | undefined;
}

/** Parallel revocations: fast enough for many people, without flooding the provider. */
const atOnce = 8;
/** How long a person waits for the provider's answer, in ms. A later answer is still recorded. */
const patienceMs = 3000;

/**
 * Deletes stored tokens and pending flows here first, in one transaction that returns the deleted tokens,
 * then revokes them at the provider (RFC 7009), whose answer no longer changes anything here. A slow
 * provider is told in the background.
 *
 * @param ownerKey whose; absent: everybody's
 */
export async function revoke(
  world: RevokeContext,
  actor: Actor,
  which: { serverId: string; ownerKey?: string },
): Promise<RevokeResult> {
  const { ctx, steps } = observed(world);
  const server = await findMcpServer(ctx.db, which.serverId);
  if (!server) throw new NotFoundError("This MCP server was deleted, and its tokens with it.");
  const taken = await takeTokenSets(ctx.db, which);
  const { serverId, ownerKey: userId } = which;
  const keys = await deletePersonalKeys(ctx.db, { serverId, ...(userId ? { userId } : {}) });
  ctx.forget(which.serverId, which.ownerKey);
  const telling = tellProvider(ctx, server, taken).then((told) => {
    const provider = taken.length === 0 && keys > 0 ? "keys_deleted" : told;
    ctx.flows.record({
      ...{ serverId: server.id, ownerKey: which.ownerKey ?? sharedOwnerKey, kind: "REVOCATION" },
      ...{ trigger: "person", actorId: actor.id, steps: steps.read() },
      outcome: provider === "failed" ? "failed" : "succeeded",
      reason: messages[provider],
    });
    return provider;
  });
  const provider = await patiently(
    ctx.underWay.keep(telling),
    patienceMs,
    () => "pending" as const,
  );
  await insertAuditEvent(ctx.db, {
    action: which.ownerKey === undefined ? "connection.revoke-server" : "connection.revoke-own",
    ...by(actor),
    serverId: server.id,
    serverName: server.name,
    ownerKey: which.ownerKey ?? null,
    details: { deleted: taken.length + keys, provider },
  });
  return { deleted: taken.length + keys, provider, message: messages[provider] };
}

/** Also revokes access at the provider: afterwards nobody could do it from here. */
export async function deleteServer(
  ctx: RevokeContext,
  actor: Actor,
  serverId: string,
  serverName: string,
): Promise<void> {
  await revoke(ctx, actor, { serverId });
  if (!(await deleteMcpServer(ctx.db, serverId))) {
    throw new NotFoundError("This MCP server was already deleted.");
  }
  ctx.forget(serverId);
  await insertAuditEvent(ctx.db, {
    action: "server.delete",
    ...by(actor),
    serverId,
    serverName,
  });
}

const messages: Record<RevokeResult["provider"], string> = {
  revoked: "Disconnected. The provider has revoked the access as well.",
  no_endpoint:
    "Disconnected. No revocation URL is set for this provider, so the access token stays valid until it expires. You can also remove Usher in the provider's settings.",
  failed:
    "Disconnected here. The provider could not be reached to revoke access; remove Usher in the provider's settings to be sure.",
  pending:
    "Disconnected here. The provider is slow to answer; the server's recent flows show whether it revoked the access.",
  keys_deleted:
    "Deleted here. A key stays valid where it was created until it is deleted there as well.",
  nothing_to_revoke: "Nothing was connected. Authorizations under way were ended.",
};

async function tellProvider(
  ctx: RevokeContext,
  server: McpServerRow,
  taken: StoredTokenSetRow[],
): Promise<Exclude<RevokeResult["provider"], "pending" | "keys_deleted">> {
  if (taken.length === 0) return "nothing_to_revoke";
  if (!server.oauthClient?.revocationEndpoint) return "no_endpoint";
  let failed = 0;
  const queue = [...taken];
  const worker = async () => {
    for (let row = queue.pop(); row; row = queue.pop()) {
      if (!(await tellProviderOf(ctx, server, row))) failed += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return failed === 0 ? "revoked" : "failed";
}

async function tellProviderOf(
  ctx: RevokeContext,
  server: McpServerRow,
  row: StoredTokenSetRow,
): Promise<boolean> {
  if (!server.oauthClient) return false;
  try {
    const client = openOAuthClient(ctx.keyring, server.oauthClient);
    const outcomes = await revokeTokens({ client, tokens: openTokens(ctx.keyring, row) }, ctx);
    return outcomes.every(({ outcome }) => outcome !== "failed");
  } catch (error) {
    // A sealed token that cannot be opened must not prevent disconnecting.
    ctx.log.warn({ err: error, serverId: server.id }, "the provider could not be told");
    return false;
  }
}
