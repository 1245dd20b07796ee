import type { Database } from "../client";

/** False: it does not wait for an account any more. */
export async function noteAdminAsked(db: Database, id: string, at: Date): Promise<boolean> {
  const { count } = await db.pausedToolCall.updateMany({
    where: { id, state: "AWAITING_AUTHORIZATION" },
    data: { adminAskedAt: at },
  });
  return count > 0;
}
