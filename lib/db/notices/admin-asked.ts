import type { Database } from "../client";

/** False: it no longer waits for an account. */
export async function noteAdminAsked(db: Database, id: string, at: Date): Promise<boolean> {
  const { count } = await db.pausedToolCall.updateMany({
    where: { id, state: "AWAITING_AUTHORIZATION" },
    data: { adminAskedAt: at },
  });
  return count > 0;
}
