import type { AuthorizationRequestRow } from "@/lib/db/authorization-request";
import type { DatabaseTransaction } from "@/lib/db/client";
import { sharedOwnerKey } from "@/lib/db/stored-token-set";
import { holdActiveUser } from "@/lib/db/user";
import { AuthorizationFailedError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import { authorizePermission, permits } from "./permissions";

/** Asked of the database where the tokens are stored: who began the flow may have lost the right since. */
export async function mayStillAuthorize(
  tx: DatabaseTransaction,
  user: Actor,
  { ownerKey }: AuthorizationRequestRow,
): Promise<boolean> {
  const now = await holdActiveUser(tx, user.id);
  const permission = authorizePermission(ownerKey === sharedOwnerKey ? "SHARED" : "PER_USER");
  return now !== null && permits(now.role, permission);
}

export function noLongerAllowed(returnTo: string): AuthorizationFailedError {
  return new AuthorizationFailedError(
    "forbidden",
    "You may no longer authorize this account. Nothing was connected. Ask an admin.",
    { returnTo },
  );
}
