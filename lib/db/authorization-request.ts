import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "./client";
import type { AuthorizationRequest } from "./generated/client";

export type AuthorizationRequestRow = AuthorizationRequest;

export async function insertAuthorizationRequest(
  db: Database,
  request: Omit<
    AuthorizationRequestRow,
    "codeVerifierSealed" | "consumedAt" | "createdAt" | "failure"
  > & {
    codeVerifierSealed: Sealed;
  },
): Promise<void> {
  await db.authorizationRequest.create({ data: request });
}

export function findAuthorizationRequest(
  db: Database,
  stateHash: string,
): Promise<AuthorizationRequestRow | null> {
  return db.authorizationRequest.findUnique({ where: { stateHash } });
}

/** One callback gets it, however many come at once. */
export async function consumeAuthorizationRequest(
  db: Database,
  id: string,
  now: Date,
): Promise<boolean> {
  const { count } = await db.authorizationRequest.updateMany({
    where: { id, consumedAt: null },
    data: { consumedAt: now },
  });
  return count > 0;
}

/** Kept for the page; it ends with the request a day later, or with the next consent. */
export async function saveAuthorizationFailure(
  db: Database,
  id: string,
  failure: string,
): Promise<void> {
  await db.authorizationRequest.updateMany({ where: { id }, data: { failure } });
}

/** False when it was dropped meanwhile: by a revocation, or by a change of the configuration. */
export async function finishAuthorizationRequest(
  tx: DatabaseTransaction,
  id: string,
): Promise<boolean> {
  const { count } = await tx.authorizationRequest.deleteMany({ where: { id } });
  return count > 0;
}

export async function deleteAuthorizationRequestsBefore(
  db: Database,
  before: Date,
): Promise<number> {
  const { count } = await db.authorizationRequest.deleteMany({
    where: { expiresAt: { lt: before } },
  });
  return count;
}
