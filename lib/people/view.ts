import type { InvitationView, Person } from "@/lib/contracts/person";
import type { InvitationRow } from "@/lib/db/invitation";
import type { UserRow } from "@/lib/db/user";

export function viewPerson(row: UserRow): Person {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    disabled: row.disabledAt !== null,
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

export function viewInvitation(row: InvitationRow, now: Date): InvitationView {
  return {
    id: row.id,
    email: row.email,
    role: row.role,
    expiresAt: row.expiresAt.toISOString(),
    expired: row.expiresAt <= now,
    invitedBy: row.invitedBy.name,
  };
}
