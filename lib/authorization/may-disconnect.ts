import { type AccessUser, mayUseServer } from "@/lib/access/read-access";
import { findPersonalKey } from "@/lib/db/accounts/personal-key";
import type { Database } from "@/lib/db/client";
import { findTokenSet } from "@/lib/db/stored-token-set";

/** Who lost access to a server still ends what they gave it. To anybody else that server does not exist. */
export async function mayDisconnect(
  db: Database,
  user: AccessUser,
  serverId: string,
): Promise<boolean> {
  const [may, tokens, key] = await Promise.all([
    mayUseServer(db, user, serverId),
    findTokenSet(db, { serverId, ownerKey: user.id }),
    findPersonalKey(db, { serverId, userId: user.id }),
  ]);
  return may || tokens !== null || key !== null;
}
