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
import { chosenOf, type KnownChoices, knownChoices, saveAccess } from "./access-entry";
import { assistantInputOf } from "./assistant-entry";
import type { FieldChange } from "./compare";
import { applyGroup } from "./group-entry";
import { type AssistantChange, hasChanges, type Plan, type ServerChange } from "./plan";

export type ApplyContext = UpdateContext & AssistantContext & { now: () => Date };

/** Who the audit names: nobody is signed in at a command line. */
const operator = { actorId: null, actorEmail: null };
const how = { by: "command line" };

/**
 * Saves what a plan changes: the groups, the servers, then the assistants that use them. Each is saved whole or not at
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
  for (const change of plan.groups.filter(hasChanges)) {
    await applyGroup(ctx.db, change);
    tell(change.entry.name);
  }
  const entries = [...plan.servers, ...plan.assistants].map(({ entry }) => entry.access);
  const known = await knownChoices(ctx.db, entries);
  for (const change of plan.servers.filter(hasChanges)) {
    await saveServer(ctx, change, known);
    tell(change.entry.name);
  }
  const ids = new Map((await findServerIds(ctx.db)).map(({ id, name }) => [name, id]));
  for (const change of plan.assistants.filter(hasChanges)) {
    await saveAssistant(ctx, change, known, (name) => ids.get(name) ?? "");
    tell(change.entry.name);
  }
}

async function saveServer(
  ctx: ApplyContext,
  change: ServerChange,
  known: KnownChoices,
): Promise<void> {
  const { row, entry, fields } = change;
  const serverId = await saveSettings(ctx, change, known);
  if (entry.access !== undefined && (row === null || changesAccess(fields))) {
    await saveAccess(ctx.db, { serverId }, entry.name, entry.access, known);
  }
  if (entry.switchedOff === (row !== null && row.switchedOffAt !== null)) return;
  await switchServer(ctx, serverId, !entry.switchedOff, { ...operator, details: how });
}

/** @returns its id */
async function saveSettings(
  ctx: ApplyContext,
  { row, input, entry, fields }: ServerChange,
  known: KnownChoices,
): Promise<string> {
  const details = { ...decisions(input), ...how };
  if (row === null) {
    const access = entry.access && chosenOf(entry.access, known);
    const serverId = await createServer(ctx, input, access);
    const event = { ...operator, serverId, serverName: input.name, details };
    await insertAuditEvent(ctx.db, { action: "server.create", ...event });
    return serverId;
  }
  if (fields.every(isAccess)) return row.id;
  const { droppedTokens } = await updateServer(ctx, row.id, input);
  const event = { ...operator, serverId: row.id, serverName: input.name };
  await insertAuditEvent(ctx.db, {
    ...{ action: "server.change", ...event, details: { droppedTokens, ...details } },
  });
  return row.id;
}

async function saveAssistant(
  ctx: ApplyContext,
  { entry, row, fields }: AssistantChange,
  known: KnownChoices,
  idOf: (name: string) => string,
): Promise<void> {
  const input = assistantInputOf(entry, idOf);
  const access = entry.access && chosenOf(entry.access, known);
  let id = row?.id;
  if (id === undefined || !fields.every(isAccess)) {
    const saved = id
      ? await changeAssistant(ctx, id, input)
      : await createAssistant(ctx, input, access);
    const action = id ? "assistant.change" : "assistant.create";
    const details = { ...auditDetails(input, saved), ...how };
    await insertAuditEvent(ctx.db, { action, ...operator, details });
    id = saved.id;
  }
  if (entry.access !== undefined && (row === null || changesAccess(fields))) {
    await saveAccess(ctx.db, { assistantId: id }, entry.name, entry.access, known);
  }
}

function isAccess({ field }: FieldChange): boolean {
  return field === "access";
}

function changesAccess(fields: readonly FieldChange[]): boolean {
  return fields.some(isAccess);
}
