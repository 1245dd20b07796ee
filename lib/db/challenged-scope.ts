import type { Database } from "./client";
import type { Owner } from "./stored-token-set";

/** A call was refused for want of these scopes: the next consent asks for them too. */
export async function saveChallengedScope(
  db: Database,
  { serverId, ownerKey }: Owner,
  challengedScope: string,
): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { serverId, ownerKey },
    data: { challengedScope },
  });
}
