import type { InvitationView, Person, Role } from "@/lib/contracts/people/person";
import type { InvitationRow } from "@/lib/db/invitation";
import type { UserRow } from "@/lib/db/user";

/** @param linked whether they sign in with the identity provider */
export function viewPerson(row: UserRow, linked: boolean): Person {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    disabled: row.disabledAt !== null,
    singleSignOn: linked,
    hasPassword: row.passwordHash !== null,
    twoFactor: row.twoFactorSince !== null,
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
    expired: row.expiresAt <= now || !isActiveAdmin(row.invitedBy),
    invitedBy: row.invitedBy.name,
  };
}

/** The creator's rights are checked when a link is used. */
export function isActiveAdmin(maker: { role: Role; disabledAt: Date | null }): boolean {
  return maker.role === "ADMIN" && maker.disabledAt === null;
}
