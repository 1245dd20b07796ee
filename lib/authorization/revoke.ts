import { personOfOwnerKey, sharedOwnerKey } from "@/lib/contracts/connections/account";
import type { RevokeResult } from "@/lib/contracts/connections/connection";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { grantedFor } from "@/lib/contracts/servers/kinds";
import { deletePersonalKeys } from "@/lib/db/accounts/personal-key";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { endAuthorizationRequests } from "@/lib/db/authorization-request";
import type { Database } from "@/lib/db/client";
import { deleteMcpServer, findMcpServer } from "@/lib/db/mcp-server";
import {
  type RevocationCause,
  type TakenTokens,
  takeTokenSets,
} from "@/lib/db/revocations/take-tokens";
import { NotFoundError } from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { Log } from "@/lib/log";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type Observe, observed } from "@/lib/oauth/client";
import type { ForgetServer } from "@/lib/servers/open-endpoint";
import { serverEvent } from "@/lib/servers/server-event";
import type { Actor } from "@/lib/session/session-user";
import {
  type SettledRevocation,
  settleRevocations,
} from "@/lib/tokens/revocation/settle-revocations";
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

/** How long a person waits for the provider's answer, in ms. A later answer is still recorded. */
const patienceMs = 3000;

/**
 * Deletes stored tokens and pending flows here first, in one transaction that keeps the tokens to be revoked, then
 * revokes them at the provider (RFC 7009), whose answer no longer changes anything here. A slow provider is notified
 * in the background, and an unavailable one by the sweep.
 *
 * @param ownerKey whose; absent: everybody's
 */
export async function revoke(
  world: RevokeContext,
  actor: Actor,
  which: { serverId: string; ownerKey?: string },
  cause: RevocationCause = "DISCONNECTED",
): Promise<RevokeResult> {
  const { ctx, steps } = observed(world);
  const server = await findMcpServer(ctx.db, which.serverId);
  if (!server) throw new NotFoundError("This MCP server was deleted, and its tokens with it.");
  const taken = await ctx.db.$transaction(async (tx) => {
    await endAuthorizationRequests(tx, which);
    return takeTokenSets(tx, which, cause, ctx.now());
  });
  const { serverId, ownerKey: userId } = which;
  const keys = await deletePersonalKeys(ctx.db, { serverId, ...(userId ? { userId } : {}) });
  ctx.forget(which.serverId, which.ownerKey);
  const bySignIn = server.oauthClient && grantedFor(server.oauthClient.grantType) === "sign-in";
  const returnsAtNextCall = bySignIn === true && taken.length > 0 && cause === "DISCONNECTED";
  const telling = tellProvider(ctx, taken).then((answered) => {
    const provider = taken.length === 0 && keys > 0 ? "keys_deleted" : answered.provider;
    const told: Told = { ...answered, provider, returnsAtNextCall };
    ctx.flows.record({
      ...{ serverId: server.id, ownerKey: which.ownerKey ?? sharedOwnerKey, kind: "REVOCATION" },
      ...{ trigger: "person", actorId: actor.id, steps: steps.read() },
      outcome: flowOutcomes[provider] ?? "succeeded",
      reason: revokeMessage(told, inUtc),
    });
    return told;
  });
  const told = await patiently(ctx.underWay.keep(telling), patienceMs, () => ({
    ...noAnswer,
    returnsAtNextCall,
  }));
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
  return personOfOwnerKey(ownerKey) === id ? "connection.revoke-own" : "connection.revoke";
}

const flowOutcomes: Partial<Record<RevokeResult["provider"], "failed" | "retrying">> = {
  failed: "failed",
  retrying: "retrying",
};

type Told = Answered & Pick<RevokeResult, "returnsAtNextCall">;
type Answered = Pick<RevokeResult, "provider" | "accessUntil">;

const noAnswer: Answered = { provider: "pending", accessUntil: null };

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
  await revoke(ctx, actor, { serverId }, "SERVER_DELETED");
  const event = serverEvent("server.delete", { id: serverId, name: serverName }, by(actor));
  if (!(await deleteMcpServer(ctx.db, serverId, ctx.now(), event))) {
    throw new NotFoundError("This MCP server was already deleted.");
  }
  ctx.forget(serverId);
}

async function tellProvider(ctx: RevokeContext, taken: readonly TakenTokens[]): Promise<Answered> {
  if (taken.length === 0) return { provider: "nothing_to_revoke", accessUntil: null };
  const ids = taken.map(({ id }) => id);
  const ends = await settleRevocations(ctx, ids, "caller");
  const times = ends.flatMap(({ accessUntil }) => accessUntil?.getTime() ?? []);
  const accessUntil = times.length > 0 ? new Date(Math.max(...times)).toISOString() : null;
  if (ends.every(({ hasEndpoint }) => !hasEndpoint))
    return { provider: "no_endpoint", accessUntil };
  const ended = (outcome: SettledRevocation["outcome"]) =>
    ends.some((each) => each.outcome === outcome);
  if (ended("REFUSED") || ended("GAVE_UP") || ended("AUTHORIZED_AGAIN"))
    return { provider: "failed", accessUntil: null };
  if (ended("PENDING") || ends.length < ids.length) {
    return { provider: "retrying", accessUntil: null };
  }
  return { provider: accessUntil === null ? "revoked" : "revoked_but_token_lasts", accessUntil };
}
