import type { GroupDetail, GroupInput, GroupSummary } from "@/lib/contracts/people/group";
import {
  deleteGroup as deleteRow,
  findGroup,
  type GroupWithMembers,
  listGroups,
  saveGroup as saveRow,
} from "@/lib/db/accounts/group";
import { by } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";

interface GroupContext {
  db: Database;
}

export async function viewGroups({ db }: GroupContext): Promise<GroupSummary[]> {
  return (await listGroups(db)).map(({ people, ...group }) => ({
    ...viewGroup(group),
    members: people,
  }));
}

/** @throws NotFoundError */
export async function readGroup({ db }: GroupContext, id: string): Promise<GroupDetail> {
  const row = await findGroup(db, id);
  if (!row) throw groupGone();
  const members = row.members.map(({ source, user }) => ({ ...user, source }));
  return { ...viewGroup(row), members };
}

/** @param id null: a new group. @throws InvalidInputError | ConflictError | NotFoundError */
export async function saveGroup(
  ctx: GroupContext,
  actor: Actor,
  id: string | null,
  { userIds, claimValue, ...input }: GroupInput,
): Promise<GroupDetail> {
  const columns = { ...input, claimValue: claimValue === "" ? null : claimValue };
  const members = new Set(userIds).size;
  const saved = await saveRow(ctx.db, id, columns, userIds, (group) => ({
    action: id ? "group.change" : "group.create",
    ...by(actor),
    details: { group: group.name, claim: group.claimValue, role: group.role, members },
  }));
  if (saved === null) throw groupGone();
  if (saved === "person_gone") {
    throw new InvalidInputError({ userIds: "Somebody in the list is no longer here." });
  }
  if (saved === "taken") {
    throw new ConflictError("Another group has this name or this claim value.");
  }
  return readGroup(ctx, saved.id);
}

/** What it gave access to stays closed to its members. @throws NotFoundError */
export async function deleteGroup(ctx: GroupContext, actor: Actor, id: string): Promise<void> {
  const deleted = await deleteRow(ctx.db, id, ({ name }) => ({
    ...{ action: "group.delete", details: { group: name } },
    ...by(actor),
  }));
  if (!deleted) throw groupGone();
}

function viewGroup({ id, name, description, claimValue, role }: Omit<GroupWithMembers, "members">) {
  return { id, name, description, claimValue, role };
}

function groupGone(): NotFoundError {
  return new NotFoundError("This group was deleted.");
}
