import { accessEvent } from "@/lib/access/choose-access";
import {
  type AssistantContext,
  changeAssistant,
  createAssistant,
} from "@/lib/assistants/assistant";
import type { AccessSubject, ChosenAccess } from "@/lib/db/accounts/access-grant";
import { insertAuditEvent, type NewAuditEvent } from "@/lib/db/audit-event";
import { findServerIds } from "@/lib/db/mcp-server";
import { type CompareContext, compareNotices } from "@/lib/notices/notices-changed";
import { createServer, type UpdateContext, updateServer } from "@/lib/servers/save";
import { switchServer } from "@/lib/servers/switch";
import { changeAccess, chosenOf, type KnownChoices, knownChoices } from "./access-entry";
import { assistantInputOf } from "./assistant-entry";
import type { FieldChange } from "./compare";
import { applyGroup } from "./group-entry";
import { type AssistantChange, hasChanges, type Plan, type ServerChange } from "./plan";

export type ApplyContext = UpdateContext & AssistantContext & CompareContext;

/** No one is signed in at a command line. */
const by = { actorId: null, actorEmail: null, details: { by: "command line" } };

/**
 * Saves a plan's changes: the groups, the servers, then the assistants that use them. Each is saved as a whole or not
 * at all; anything changed since the plan is refused, and applying the file again continues from there. Notices are
 * compared with whatever was saved.
 *
 * @param tell called after each saved entry
 * @throws ConflictError it was changed since the plan; InvalidInputError by field
 */
export async function applyPlan(
  ctx: ApplyContext,
  plan: Plan,
  tell: (name: string) => void,
): Promise<void> {
  try {
    await saveChanges(ctx, plan, tell);
  } finally {
    await compareNotices(ctx, "any");
  }
}

async function saveChanges(
  ctx: ApplyContext,
  plan: Plan,
  tell: (name: string) => void,
): Promise<void> {
  for (const change of plan.groups.filter(hasChanges)) {
    const { name, role, claimValue } = change.entry;
    const details = { group: name, claim: claimValue || null, role };
    const action = change.row ? "group.change" : "group.create";
    await applyGroup(ctx.db, change, withoutPerson({ action, details }));
    tell(name);
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
  const { row, entry } = change;
  const access = entry.access && chosenOf(entry.access, known);
  const serverId = await saveSettings(ctx, change, access);
  await saveAccess(ctx, { serverId }, change, access);
  if (entry.switchedOff === (row !== null && row.switchedOffAt !== null)) return;
  await switchServer(ctx, serverId, !entry.switchedOff, by);
}

/** @returns its id */
async function saveSettings(
  ctx: ApplyContext,
  { row, input, fields }: ServerChange,
  access: ChosenAccess | undefined,
): Promise<string> {
  if (row === null) return createServer(ctx, input, { access, by });
  if (!fields.every(isAccess)) await updateServer(ctx, row.id, input, by);
  return row.id;
}

async function saveAssistant(
  ctx: ApplyContext,
  change: AssistantChange,
  known: KnownChoices,
  idOf: (name: string) => string,
): Promise<void> {
  const { entry, row, fields } = change;
  const input = assistantInputOf(entry, idOf);
  const access = entry.access && chosenOf(entry.access, known);
  let id = row?.id;
  if (id === undefined || !fields.every(isAccess)) {
    const saved = id
      ? await changeAssistant(ctx, id, input, by)
      : await createAssistant(ctx, input, { access, by });
    id = saved.id;
  }
  await saveAccess(ctx, { assistantId: id }, change, access);
}

/** A new server or assistant was created with its access, so that it was never open to others. */
async function saveAccess(
  ctx: ApplyContext,
  subject: AccessSubject,
  { entry, row, fields }: ServerChange | AssistantChange,
  access: ChosenAccess | undefined,
): Promise<void> {
  if (entry.access === undefined || access === undefined) return;
  if (row !== null && !fields.some(isAccess)) return;
  const chosen = entry.access === "everyone" ? {} : entry.access;
  const event = withoutPerson(
    accessEvent(subject, entry.name, { access: access.access, ...chosen }),
  );
  if (row === null) await insertAuditEvent(ctx.db, event);
  else await changeAccess(ctx.db, subject, entry.name, access, event);
}

function isAccess({ field }: FieldChange): boolean {
  return field === "access";
}

function withoutPerson(event: Omit<NewAuditEvent, "actorId" | "actorEmail">): NewAuditEvent {
  return { ...event, ...by, details: { ...event.details, ...by.details } };
}
