import { readAccess } from "@/lib/access/read-access";
import type { AlwaysAllowedList } from "@/lib/contracts/chat/always-allow";
import {
  deleteAlwaysAllowed,
  listAllowedOfServer,
  listAlwaysAllowed,
} from "@/lib/db/accounts/always-allowed-tool";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { NotFoundError } from "@/lib/errors";
import { decideRow, endNow } from "./always-allow";

interface AlwaysAllowContext {
  db: Database;
  now: () => Date;
}

/** What a person always allows, with what a call of theirs would now meet. */
export async function viewAlwaysAllowed(
  { db }: Pick<AlwaysAllowContext, "db">,
  userId: string,
): Promise<AlwaysAllowedList> {
  // The person's stored role counts, and no one else allowed anything.
  const user = { id: userId, role: "MEMBER" } as const;
  const rows = await listAlwaysAllowed(db, userId);
  const assistantIds = [...new Set(rows.map(({ assistantId }) => assistantId))];
  const access = new Map(
    await Promise.all(
      assistantIds.map(async (assistantId) => {
        const read = await readAccess(db, user, { assistantId, servers: "of-assistant" });
        return [assistantId, read] as const;
      }),
    ),
  );
  const tools = rows.flatMap((row) => {
    const { allowed, assistantName, serverName, toolName } = row;
    if (!allowed) return [];
    const { id, toolTitle } = allowed;
    const hasAccess = access.get(row.assistantId)?.mayCall(row) ?? false;
    return {
      ...{ id, assistantName, serverName, toolName, toolTitle },
      createdAt: new Date(allowed.createdAt).toISOString(),
      asks: decideRow(row, { hasAccess, signedIn: true }),
    };
  });
  return { tools };
}

/**
 * Takes effect with the next call.
 * @param actor the person, or an admin
 * @throws NotFoundError it was revoked before
 */
export async function revokeAlwaysAllowed(
  { db }: Pick<AlwaysAllowContext, "db">,
  actor: Parameters<typeof by>[0],
  which: { id: string; userId: string },
): Promise<void> {
  await db.$transaction(async (tx) => {
    const ended = await deleteAlwaysAllowed(tx, which);
    if (!ended) throw new NotFoundError("This was revoked already. Reload the page.");
    const { toolName: tool, assistantName: assistant, serverId, serverName, email } = ended;
    const details = { tool, assistant, ...(actor.id === which.userId ? {} : { email }) };
    const event = { action: "tool.revoke-always-allow", ...by(actor), serverId, serverName };
    await insertAuditEvent(db, { ...event, details }, tx);
  });
}

/**
 * Ends what was allowed for tools that their server now lists differently: if it later lists them as before, they
 * ask. A tool that is not listed cannot be called, and some servers list by account.
 * @param listed fingerprints of the listed tools, by name
 */
export async function endChangedTools(
  ctx: AlwaysAllowContext,
  serverId: string,
  listed: Readonly<Record<string, string>>,
): Promise<void> {
  const allowed = await listAllowedOfServer(ctx.db, serverId);
  for (const { id, toolName, fingerprint } of allowed) {
    if (Object.hasOwn(listed, toolName) && listed[toolName] !== fingerprint) {
      await endNow(ctx, { id, fingerprint }, "tool_changed");
    }
  }
}
