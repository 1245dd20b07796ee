import type { AuthorizationFailedError } from "@/lib/errors";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database, DatabaseTransaction } from "./client";
import type { AuthorizationRequest } from "./generated/client";

export type AuthorizationRequestRow = AuthorizationRequest;

export async function insertAuthorizationRequest(
  db: Database,
  request: Omit<
    AuthorizationRequestRow,
    "codeVerifierSealed" | "consumedAt" | "createdAt" | "failure" | "failureReason" | "connectedAt"
  > & {
    codeVerifierSealed: Sealed;
  },
): Promise<void> {
  await db.authorizationRequest.create({ data: request });
}

/** Consumed from the start: no callback gets it. */
export function insertConsumedRequest(
  db: Database,
  request: Parameters<typeof insertAuthorizationRequest>[1],
  now: Date,
): Promise<AuthorizationRequestRow> {
  return db.authorizationRequest.create({ data: { ...request, consumedAt: now } });
}

export function findAuthorizationRequest(
  db: Database,
  stateHash: string,
): Promise<AuthorizationRequestRow | null> {
  return db.authorizationRequest.findUnique({ where: { stateHash } });
}

export function findAuthorizationRequestById(
  db: Database,
  id: string,
): Promise<AuthorizationRequestRow | null> {
  return db.authorizationRequest.findUnique({ where: { id } });
}

/** Only one callback gets it. */
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

/** Kept for the page, until the request is deleted a day later or a new consent succeeds. */
export async function saveAuthorizationFailure(
  db: Database,
  id: string,
  { reason: failureReason, userMessage: failure }: AuthorizationFailedError,
): Promise<void> {
  await db.authorizationRequest.updateMany({ where: { id }, data: { failure, failureReason } });
}

/** False: it was cancelled in the meantime by a revocation or a change of the configuration. */
export async function finishAuthorizationRequest(
  tx: DatabaseTransaction,
  id: string,
  now: Date,
): Promise<boolean> {
  // The link first, as in a cancellation: two that lock in a different order would deadlock.
  await tx.$executeRaw`SELECT 1 FROM "AuthorizationLink" WHERE "requestId" = ${id} FOR UPDATE`;
  const { count } = await tx.authorizationRequest.updateMany({
    where: { id, connectedAt: null },
    data: { connectedAt: now },
  });
  return count > 0;
}

/** In the transaction that stores the tokens: the polling program is told, whatever happens to them later. */
export async function markLinkConnected(tx: DatabaseTransaction, requestId: string): Promise<void> {
  await tx.authorizationLink.updateMany({ where: { requestId }, data: { connected: true } });
}

export async function endAuthorizationRequest(tx: DatabaseTransaction, id: string): Promise<void> {
  await tx.authorizationRequest.deleteMany({ where: { id } });
}

/** Ends pending flows: their result is not stored. */
export async function endAuthorizationRequests(
  tx: DatabaseTransaction,
  which: { serverId: string; ownerKey?: string },
): Promise<void> {
  await tx.authorizationRequest.deleteMany({ where: which });
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
