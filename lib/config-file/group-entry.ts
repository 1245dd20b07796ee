import { roleProblem } from "@/lib/contracts/people/group";
import { findGroup, type listGroups, saveGroup } from "@/lib/db/accounts/group";
import type { NewAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { ConflictError } from "@/lib/errors";
import { type FieldChange, fieldChanges } from "./compare";
import { type GroupEntry, groupEntry } from "./document";

type GroupRow = Awaited<ReturnType<typeof listGroups>>[number];

export interface GroupChange {
  entry: GroupEntry;
  row: GroupRow | null;
  fields: FieldChange[];
  notes: string[];
}

/** A stored group in the file's form. Its members are people, not configuration. */
export function groupEntryOf({ name, description, claimValue, role }: GroupRow): GroupEntry {
  return groupEntry.parse({ name, description, claimValue: claimValue ?? "", role });
}

export function planGroup(
  entry: GroupEntry,
  row: GroupRow | null,
  tell: (field: string, message: string) => void,
): GroupChange {
  const problem = roleProblem(entry);
  if (problem !== null) tell("role", problem);
  const before = row ? groupEntryOf(row) : groupEntry.parse({ name: entry.name });
  return { entry, row, fields: fieldChanges(compared(before), compared(entry)), notes: [] };
}

function compared({ name, description, claimValue, role }: GroupEntry): Record<string, string> {
  return { name, description, claimValue, role: role ?? "" };
}

/** People added by hand stay. @throws ConflictError */
export async function applyGroup(
  db: Database,
  { entry, row }: GroupChange,
  event: NewAuditEvent,
): Promise<void> {
  const { name, description, role } = entry;
  const claimValue = entry.claimValue === "" ? null : entry.claimValue;
  const members = row ? ((await findGroup(db, row.id))?.members ?? []) : [];
  const byHand = members.flatMap(({ source, user }) => (source === "HAND" ? [user.id] : []));
  const saved = await saveGroup(
    db,
    row?.id ?? null,
    { name, description, claimValue, role },
    byHand,
    () => event,
  );
  if (saved === "taken") {
    throw new ConflictError(`Another group than ${name} has its name or claimValue.`);
  }
  if (saved === null || saved === "person_gone") {
    throw new ConflictError(`The group ${name} was changed in the meantime. Run plan again.`);
  }
}
