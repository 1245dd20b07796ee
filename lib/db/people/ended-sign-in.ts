import type { Database } from "../client";
import type { EndedSignIn } from "../generated/client";

/** `signedInAgain`: the person has since signed in at that provider. */
export type EndedSignInRow = EndedSignIn & { signedInAgain: boolean };

/** How long an unavailable provider is retried, in days. */
const keptForDays = 7;

/**
 * Up to `limit` of those that are due, on the database's clock. None is due again for a minute, which is longer than
 * the request takes; then twice as long each time, up to an hour. Outdated ones are deleted.
 */
export async function claimEndedSignIns(db: Database, limit: number): Promise<EndedSignInRow[]> {
  await db.$statement(
    `DELETE FROM "EndedSignIn" WHERE "createdAt" < now() - make_interval(days => $1)`,
    [keptForDays],
  );
  const { rows } = await db.$statement<EndedSignInRow>(
    `UPDATE "EndedSignIn" e SET "attempts" = "attempts" + 1,
       "nextAttemptAt" = now() + make_interval(mins => least(1 << least("attempts", 6), 60))
     WHERE "id" IN (
       SELECT "id" FROM "EndedSignIn" WHERE "nextAttemptAt" <= now()
       ORDER BY "nextAttemptAt", "id" LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING e.*, EXISTS (SELECT 1 FROM "IdentityTokens" t
       WHERE t."userId" = e."userId" AND t."issuer" = e."issuer") AS "signedInAgain"`,
    [limit],
  );
  return rows;
}

/** The provider was notified, or need not be. */
export async function deleteEndedSignIn(db: Database, id: string): Promise<void> {
  await db.$statement(`DELETE FROM "EndedSignIn" WHERE "id" = $1`, [id]);
}

/** The owner of each row, which its box is bound to. */
export async function findEndedSignInOwners(
  db: Database,
  ids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db.endedSignIn.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, userId: true },
  });
  return new Map(rows.map(({ id, userId }) => [id, userId]));
}
