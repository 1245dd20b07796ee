import { createHash } from "node:crypto";
import { type AccessUser, readAccess } from "@/lib/access/read-access";
import {
  type AlwaysAllowEnd,
  type AlwaysAllowView,
  type AskDecision,
  alwaysAllowEnd,
} from "@/lib/contracts/chat/always-allow";
import {
  type CalledAccount,
  decideAsking,
  mayAlwaysAllow,
} from "@/lib/contracts/chat/decide-asking";
import { catalogueTool, isReadOnly } from "@/lib/contracts/servers/catalogue";
import { decideApproval } from "@/lib/contracts/servers/tool-policy";
import {
  type AlwaysAllowKey,
  type AlwaysAllowRow,
  allowAlways,
  endAlwaysAllowed,
  findAlwaysAllow,
} from "@/lib/db/accounts/always-allowed-tool";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { ConflictError, ForbiddenError } from "@/lib/errors";
import { canonicalJson, fingerprint, policyOf, standingOf } from "./accepted-tools";

interface AlwaysAllowContext {
  db: Database;
  now: () => Date;
}

/** Who makes the call. @see AccessUser */
export type Asking = AccessUser & {
  /** Not null: an API key makes the call in the person's name. */
  apiKey?: object | null;
};

/**
 * Whether a call of this person asks them first, by what is stored now. Permissions found to be over are ended here.
 * @returns with the id of what they always allowed, if the call runs by that
 */
export async function decideAskingNow(
  ctx: AlwaysAllowContext,
  user: Asking,
  what: Omit<AlwaysAllowKey, "userId">,
): Promise<AskDecision & { alwaysAllowedId: string | null }> {
  const row = await findAlwaysAllow(ctx.db, { userId: user.id, ...what });
  if (!row?.allowed) return { should: true, reason: "not_allowed", alwaysAllowedId: null };
  const { assistantId, serverId } = what;
  const access = await readAccess(ctx.db, user, { assistantId, servers: [serverId] });
  const decision = decideRow(row, {
    hasAccess: access.mayCall(what),
    signedIn: !user.apiKey,
  });
  const end = alwaysAllowEnd.safeParse(decision.reason);
  if (end.success && !row.allowed.endedBecause) {
    const { id, fingerprint, endpoint, consentId } = row.allowed;
    await endNow(ctx, { id, fingerprint, endpoint, consentId }, end.data);
  }
  const runs = decision.reason === "always_allowed";
  return { ...decision, alwaysAllowedId: runs ? row.allowed.id : null };
}

/** @see decideAsking */
export function decideRow(
  row: AlwaysAllowRow,
  caller: { hasAccess: boolean; signedIn: boolean },
): AskDecision {
  const { allowed } = row;
  return decideAsking({
    tool: toolNow(row),
    allowed: allowed && { ...allowed, ended: endOf(allowed.endedBecause) },
    account: accountNow(row),
    ...caller,
  });
}

/** For the card of a waiting call. Null: there is nothing to allow. */
export async function viewAlwaysAllow(
  db: Database,
  key: AlwaysAllowKey,
): Promise<AlwaysAllowView | null> {
  const row = await findAlwaysAllow(db, key);
  const tool = row && toolNow(row);
  if (!tool) return null;
  const { policy, mayDestroy } = tool;
  const ended = endOf(row.allowed?.endedBecause ?? null);
  return { policy, mayDestroy, fingerprint: tool.fingerprint, ended };
}

export interface AlwaysAllowChange {
  key: AlwaysAllowKey;
  /** For the definition that the person was shown. */
  fingerprint: string;
}

/**
 * Reads what "Always allow" would stand for.
 * @throws ForbiddenError the assistant does not let people choose it for this tool
 * @throws ConflictError the tool differs from the one that the person was shown
 */
export async function prepareAlwaysAllow(
  ctx: AlwaysAllowContext,
  user: { email: string; ipAddress?: string | null },
  { key, fingerprint: seen }: AlwaysAllowChange,
): Promise<(tx: DatabaseTransaction) => Promise<void>> {
  const row = await findAlwaysAllow(ctx.db, key);
  const tool = row && toolNow(row);
  if (!row || tool?.fingerprint !== seen) throw toolChanged();
  if (!mayAlwaysAllow(tool).may) throw notOffered();
  const { userId: id, serverId, toolName } = key;
  return async (tx) => {
    const columns = { ...accountNow(row), fingerprint: seen, createdAt: ctx.now() };
    if (!(await allowAlways(tx, key, { ...columns, toolTitle: tool.title }))) return;
    await insertAuditEvent(
      ctx.db,
      {
        action: "tool.always-allow",
        ...by({ id, email: user.email, ipAddress: user.ipAddress ?? null }),
        ...{ serverId, serverName: row.serverName },
        details: { tool: toolName, assistant: row.assistantName },
      },
      tx,
    );
  };
}

/** From now on it asks again, and the audit says why. */
export async function endNow(
  ctx: AlwaysAllowContext,
  seen: Parameters<typeof endAlwaysAllowed>[1],
  reason: AlwaysAllowEnd,
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const ended = await endAlwaysAllowed(tx, seen, {
      endedAt: ctx.now(),
      endedBecause: reason,
    });
    if (!ended) return;
    const { toolName: tool, assistantName: assistant, serverId, serverName, email } = ended;
    const details = { tool, assistant, email, reason };
    const event = { actorId: null, actorEmail: null, serverId, serverName, details };
    await insertAuditEvent(ctx.db, { action: "tool.end-always-allow", ...event }, tx);
  });
}

function toolNow(row: AlwaysAllowRow) {
  const { data: tool } = catalogueTool.safeParse(row.tool);
  if (!tool || !row.isOffered) return null;
  const { toolName, toolPolicy: policy, acceptedFingerprint, toolsAcceptedAt } = row;
  const decisions = { toolsAcceptedAt, tools: [{ toolName, policy, acceptedFingerprint }] };
  const approval = decideApproval({
    policy: policyOf(toolName, decisions),
    readOnly: isReadOnly(tool),
    standing: standingOf(tool, decisions),
  });
  if (approval.action === "refuse") return null;
  return {
    asks: approval.action === "ask" ? approval.reason : null,
    policy: row.policy,
    mayDestroy: tool.annotations.destructiveHint !== false,
    fingerprint: fingerprint(tool),
    title: tool.title ?? tool.annotations.title ?? tool.name,
  };
}

function accountNow({ endpoint, consentId, accountName }: AlwaysAllowRow): CalledAccount {
  const hash = createHash("sha256").update(canonicalJson(endpoint)).digest("hex");
  return { endpoint: hash, consentId, accountName };
}

function endOf(because: string | null): AlwaysAllowEnd | null {
  return alwaysAllowEnd.safeParse(because).data ?? null;
}

function toolChanged(): ConflictError {
  return new ConflictError(
    "This tool changed while you looked at it. Look at the call again, then decide.",
  );
}

function notOffered(): ForbiddenError {
  return new ForbiddenError(
    "This assistant does not let you always allow this tool. Run the call once, or ask an admin.",
  );
}
