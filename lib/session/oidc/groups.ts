import type { Role } from "@/lib/contracts/people/person";
import { setClaimedGroups } from "@/lib/db/accounts/group";
import { insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { changeUser, type UserRow } from "@/lib/db/user";

const mostGroups = 500;
const longestGroup = 200;

/**
 * The content of a groups claim, in any form: one name, a list of names, or a list of objects with a `name`.
 * Anything else is skipped.
 */
export function readGroups(claim: unknown): string[] {
  const list = Array.isArray(claim) ? claim.slice(0, mostGroups) : [claim];
  const names = list.flatMap((entry: unknown) => {
    const named = typeof entry === "object" && entry !== null && "name" in entry;
    const name = named ? entry.name : entry;
    if (typeof name !== "string") return [];
    const trimmed = name.trim();
    return trimmed !== "" && trimmed.length <= longestGroup ? [trimmed] : [];
  });
  return [...new Set(names)];
}

interface HeldRole {
  role: Role;
  /** A group in the claim gave it, not an admin. */
  roleByClaim: boolean;
}

/**
 * The role after a sign-in. Groups in the claim give one, an admin's before an auditor's. When they no longer give any,
 * the role they gave is removed, even if a group was deleted; a role assigned by hand stays, and the claim does not
 * turn such an admin into an auditor.
 */
export function roleAfterSignIn(
  held: HeldRole,
  groups: readonly { role: Role | null }[],
): HeldRole {
  const gives = roleOf(groups);
  if (held.roleByClaim) {
    return gives === null ? byHand("MEMBER") : { role: gives, roleByClaim: true };
  }
  if (gives === null || held.role === gives || held.role === "ADMIN") return byHand(held.role);
  return { role: gives, roleByClaim: true };
}

function byHand(role: Role): HeldRole {
  return { role, roleByClaim: false };
}

function roleOf(groups: readonly { role: Role | null }[]): Role | null {
  const roles = groups.map(({ role }) => role);
  return (["ADMIN", "AUDITOR"] as const).find((role) => roles.includes(role)) ?? null;
}

export interface GroupsContext {
  db: Database;
  /** Called when a person's groups or role have changed. */
  groupsChanged: () => void;
}

/** Adds a person who signs in to the groups in their claim, and removes them from those that left it. */
export async function followGroups(
  ctx: GroupsContext,
  user: UserRow,
  claimed: readonly string[],
  ipAddress: string | null,
): Promise<UserRow> {
  const { before, now } = await ctx.db.$transaction((tx) => setClaimedGroups(tx, user.id, claimed));
  const next = roleAfterSignIn(user, now);
  // The last admin stays one.
  const isSame = next.role === user.role && next.roleByClaim === user.roleByClaim;
  const saved = isSame ? user : await changeUser(ctx.db, user.id, next, null);
  const changed = saved === null || saved === "last_admin" ? user : saved;
  const [left, entered] = [namesOf(before), namesOf(now)];
  if (changed.role === user.role && left.join("\n") === entered.join("\n")) return changed;
  await insertAuditEvent(ctx.db, {
    action: "person.follow-groups",
    actorId: user.id,
    actorEmail: user.email,
    ipAddress,
    details: { groups: entered, before: left, role: changed.role },
  });
  ctx.groupsChanged();
  return changed;
}

const namesOf = (groups: readonly { name: string }[]) => groups.map(({ name }) => name).toSorted();
