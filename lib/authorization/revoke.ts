import type { RevokeResult } from "@/lib/contracts/connections/connection";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { deletePersonalKeys } from "@/lib/db/accounts/personal-key";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { deleteMcpServer, findMcpServer, type McpServerRow } from "@/lib/db/mcp-server";
import { type StoredTokenSetRow, sharedOwnerKey, takeTokenSets } from "@/lib/db/stored-token-set";
import { NotFoundError } from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { Log } from "@/lib/log";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type Observe, observed } from "@/lib/oauth/client";
import { jwtExpiry } from "@/lib/oauth/jwt";
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
  const telling = tellProvider(ctx, server, taken).then((answered) => {
    const provider = taken.length === 0 && keys > 0 ? "keys_deleted" : answered.provider;
    const told: Told = { ...answered, provider };
    ctx.flows.record({
      ...{ serverId: server.id, ownerKey: which.ownerKey ?? sharedOwnerKey, kind: "REVOCATION" },
      ...{ trigger: "person", actorId: actor.id, steps: steps.read() },
      outcome: provider === "failed" ? "failed" : "succeeded",
      reason: revokeMessage(told, inUtc),
    });
    return told;
  });
  const told = await patiently(ctx.underWay.keep(telling), patienceMs, () => noAnswer);
  await insertAuditEvent(ctx.db, {
    action: actionOf(actor, which.ownerKey),
    ...by(actor),
    serverId: server.id,
    serverName: server.name,
    ownerKey: which.ownerKey ?? null,
    details: { deleted: taken.length + keys, provider: told.provider },
  });
  return { deleted: taken.length + keys, ...told, message: revokeMessage(told, inUtc) };
}

function actionOf({ id }: Actor, ownerKey: string | undefined): string {
  if (ownerKey === undefined) return "connection.revoke-server";
  return ownerKey === id ? "connection.revoke-own" : "connection.revoke";
}

type Told = Pick<RevokeResult, "provider" | "accessUntil">;

const noAnswer: Told = { provider: "pending", accessUntil: null };

/** "2026-11-27 15:40 UTC": it is stored, and read in any time zone. */
function inUtc(iso: string): string {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
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

async function tellProvider(
  ctx: RevokeContext,
  server: McpServerRow,
  taken: StoredTokenSetRow[],
): Promise<Told> {
  if (taken.length === 0) return { provider: "nothing_to_revoke", accessUntil: null };
  const ends: Revoked[] = [];
  const queue = [...taken];
  const worker = async () => {
    for (let row = queue.pop(); row; row = queue.pop())
      ends.push(await revokeAtProvider(ctx, server, row));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const times = ends.flatMap(({ until }) => (until && until > ctx.now() ? [until.getTime()] : []));
  const accessUntil = times.length > 0 ? new Date(Math.max(...times)).toISOString() : null;
  if (!server.oauthClient?.revocationEndpoint) return { provider: "no_endpoint", accessUntil };
  if (ends.some(({ failed }) => failed)) return { provider: "failed", accessUntil: null };
  return { provider: accessUntil === null ? "revoked" : "revoked_but_token_lasts", accessUntil };
}

interface Revoked {
  failed: boolean;
  /** When its access token expires, if revoking does not end it. Null: it is revoked, or its expiry is unknown. */
  until: Date | null;
}

/**
 * A token that servers validate without asking the provider cannot be taken back: the provider answers 200
 * all the same, and the token works until it expires (RFC 7009 §3).
 */
async function revokeAtProvider(
  ctx: RevokeContext,
  server: McpServerRow,
  row: StoredTokenSetRow,
): Promise<Revoked> {
  if (!server.oauthClient) return { failed: false, until: null };
  try {
    const client = openOAuthClient(ctx.keyring, server.oauthClient);
    const tokens = openTokens(ctx.keyring, row);
    const outcomes = await revokeTokens({ client, tokens }, ctx);
    const ofAccess = outcomes.find(({ token }) => token === "access_token")?.outcome;
    const until = jwtExpiry(tokens.accessToken ?? "");
    return {
      failed: outcomes.some(({ outcome }) => outcome === "failed"),
      until: ofAccess === "revoked" ? until : (until ?? row.expiresAt),
    };
  } catch (error) {
    // A sealed token that cannot be opened must not prevent disconnecting.
    ctx.log.warn({ err: error, serverId: server.id }, "the provider could not be told");
    return { failed: true, until: null };
  }
}
