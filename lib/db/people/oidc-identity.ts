import { insertAuditEvent, type NewAuditEvent } from "../audit-event";
import type { Database, DatabaseTransaction } from "../client";
import type { OidcIdentity, User } from "../generated/client";
import { isUniqueViolation } from "../unique-violation";

export function findOidcIdentity(
  db: Database,
  issuer: string,
  subject: string,
): Promise<(OidcIdentity & { user: User }) | null> {
  return db.oidcIdentity.findUnique({
    where: { issuer_subject: { issuer, subject } },
    include: { user: true },
  });
}

/** At most one for each person and issuer. */
export function findOidcIdentityOf(
  db: Database,
  userId: string,
  issuer: string,
): Promise<OidcIdentity | null> {
  return db.oidcIdentity.findUnique({ where: { userId_issuer: { userId, issuer } } });
}

/**
 * Resolves to `taken` if this identity, or this person at this issuer, is already linked. Inside a
 * transaction it throws instead, since that transaction is lost.
 */
export async function insertOidcIdentity(
  db: Database,
  identity: Omit<OidcIdentity, "id">,
): Promise<"inserted" | "taken"> {
  try {
    await db.oidcIdentity.create({ data: identity });
    return "inserted";
  } catch (error) {
    if (isUniqueViolation(error)) return "taken";
    throw error;
  }
}

/**
 * Runs `make`, which creates the person, and links them, together or not at all. Resolves to `taken` if
 * the identity or the person's address has been taken in the meantime.
 */
export async function insertUserWithIdentity(
  db: Database,
  make: (tx: DatabaseTransaction) => Promise<User>,
  identity: Omit<OidcIdentity, "id" | "userId">,
): Promise<User | "taken"> {
  try {
    return await db.$transaction(async (tx) => {
      const user = await make(tx);
      await tx.oidcIdentity.create({ data: { ...identity, userId: user.id } });
      return user;
    });
  } catch (error) {
    if (isUniqueViolation(error)) return "taken";
    throw error;
  }
}

export async function recordOidcSignIn(
  db: Database,
  id: string,
  said: Pick<OidcIdentity, "email" | "name" | "lastSignInAt">,
): Promise<void> {
  await db.oidcIdentity.updateMany({ where: { id }, data: said });
}

export function listOidcIdentitiesOf(db: Database, userId: string): Promise<OidcIdentity[]> {
  return db.oidcIdentity.findMany({ where: { userId }, orderBy: { createdAt: "desc" } });
}

export async function deleteOidcIdentitiesOf(
  db: Database,
  userId: string,
  event: NewAuditEvent,
): Promise<void> {
  await db.$transaction(async (tx) => {
    const { count } = await tx.oidcIdentity.deleteMany({ where: { userId } });
    if (count > 0) await insertAuditEvent(db, event, tx);
  });
  db.$signInEnded();
}
