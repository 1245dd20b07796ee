import { randomUUID } from "node:crypto";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database } from "../client";
import type { GrantType } from "../generated/client";
import type { Owner } from "../stored-token-set";

/** A new sign-in may be let in where the one before was not: the next call asks. */
export async function forgetRefusedExchanges(db: Database, userId: string): Promise<void> {
  await db.storedTokenSet.updateMany({
    where: { userId, rejectedAt: { not: null }, grantType: { in: bySignIn } },
    data: { rejectedAt: null, version: { increment: 1 } },
  });
}

const bySignIn: GrantType[] = ["ID_JAG", "TOKEN_EXCHANGE", "ON_BEHALF_OF"];

/**
 * A person's row at a server where their sign-in gives them an account: no tokens yet, and expired. The account is
 * called as the identity provider calls them. Where a row is there already, it stays.
 * @param nothing an empty access token, sealed for this owner
 */
export async function insertExpectedTokens(
  db: Database,
  { serverId, ownerKey }: Owner,
  nothing: Sealed,
): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "authorizedById", "accessTokenSealed",
      "grantType", "clientId", "tokenEndpoint", "requestedScope", "accountName", "accountSource",
      "expiresAt", "obtainedAt", "updatedAt")
    SELECT ${randomUUID()}, c."serverId", u."id", u."id", u."id", ${nothing},
      c."grantType", c."clientId", c."tokenEndpoint", c."scope",
      coalesce((SELECT i."email" FROM "OidcIdentity" i WHERE i."userId" = u."id" ORDER BY i."lastSignInAt" DESC NULLS LAST
        LIMIT 1), u."email"), 'identity_provider', to_timestamp(0), to_timestamp(0), now()
    FROM "OAuthClient" c JOIN "User" u ON u."id" = ${ownerKey} AND u."disabledAt" IS NULL
    WHERE c."serverId" = ${serverId} AND c."tokenSharing" = 'ORGANIZATION'
    ON CONFLICT ("serverId", "ownerKey") DO NOTHING`;
}
