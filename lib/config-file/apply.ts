import {
  type AssistantContext,
  auditDetails,
  changeAssistant,
  createAssistant,
} from "@/lib/assistants/assistant";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { findServerIds } from "@/lib/db/mcp-server";
import { createServer, decisions, type UpdateContext, updateServer } from "@/lib/servers/save";
import { switchServer } from "@/lib/servers/switch";
import { assistantInputOf } from "./assistant-entry";
import { type AssistantChange, hasChanges, type Plan, type ServerChange } from "./plan";

export type ApplyContext = UpdateContext & AssistantContext & { now: () => Date };

/** Who the audit names: nobody is signed in at a command line. */
const operator = { actorId: null, actorEmail: null };
const how = { by: "command line" };

/**
 * Saves what a plan changes: the servers, then the assistants that use them. Each is saved whole or not at
 * all; what somebody changed since the plan is refused, and applying the file again goes on from there.
 *
 * @param tell called after each one that was saved
 * @throws ConflictError it was changed since the plan; InvalidInputError by field
 */
export async function applyPlan(
  ctx: ApplyContext,
  plan: Plan,
  tell: (name: string) => void,
): Promise<void> {
  for (const change of plan.servers.filter(hasChanges)) {
    await saveServer(ctx, change);
    tell(change.entry.name);
  }
  const ids = new Map((await findServerIds(ctx.db)).map(({ id, name }) => [name, id]));
  for (const change of plan.assistants.filter(hasChanges)) {
    await saveAssistant(ctx, change, (name) => ids.get(name) ?? "");
    tell(change.entry.name);
  }
}

async function saveServer(ctx: ApplyContext, change: ServerChange): Promise<void> {
  const serverId = await saveSettings(ctx, change);
  const { row, entry } = change;
  if (entry.switchedOff === (row !== null && row.switchedOffAt !== null)) return;
  await switchServer(ctx, serverId, !entry.switchedOff, { ...operator, details: how });
}

/** @returns its id */
async function saveSettings(ctx: ApplyContext, { row, input }: ServerChange): Promise<string> {
  const details = { ...decisions(input), ...how };
  if (row === null) {
    const serverId = await createServer(ctx, input);
    const event = { ...operator, serverId, serverName: input.name, details };
    await insertAuditEvent(ctx.db, { action: "server.create", ...event });
    return serverId;
  }
  const { droppedTokens } = await updateServer(ctx, row.id, input);
  const event = { ...operator, serverId: row.id, serverName: input.name };
  await insertAuditEvent(ctx.db, {
    ...{ action: "server.change", ...event, details: { droppedTokens, ...details } },
  });
  return row.id;
}

async function saveAssistant(
  ctx: ApplyContext,
  { entry, row }: AssistantChange,
  idOf: (name: string) => string,
): Promise<void> {
  const input = assistantInputOf(entry, idOf);
  const saved = row ? await changeAssistant(ctx, row.id, input) : await createAssistant(ctx, input);
  const action = row ? "assistant.change" : "assistant.create";
  const details = { ...auditDetails(input, saved), ...how };
  await insertAuditEvent(ctx.db, { action, ...operator, details });
}
