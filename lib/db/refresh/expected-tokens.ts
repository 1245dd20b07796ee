import { randomUUID } from "node:crypto";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Database } from "../client";
import * as Prisma from "../generated/internal/prismaNamespace";
import { isExchangedSql, type Owner } from "../stored-token-set";

/**
 * For a person who has signed in at the identity provider: updates the names of their accounts, and if
 * they were refused before, the next call asks again.
 */
export async function followSignIn(db: Database, userId: string): Promise<void> {
  await db.$executeRaw`
    UPDATE "StoredTokenSet" t SET "accountName" = ${nameOf(Prisma.sql`t."userId"`)},
      "rejectedAt" = NULL, "version" = "version" + (CASE WHEN "rejectedAt" IS NULL THEN 0 ELSE 1 END)
    WHERE t."userId" = ${userId} AND ${isExchangedSql("t")}`;
}

/** The identity provider's name for a person, otherwise Usher's. */
function nameOf(userId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT coalesce(named."email", person."email") FROM "User" person
    LEFT JOIN "OidcIdentity" named ON named."userId" = person."id"
    WHERE person."id" = ${userId} ORDER BY named."lastSignInAt" DESC NULLS LAST, named."createdAt" DESC LIMIT 1)`;
}

/**
 * A person's row at a server where their sign-in gives them an account: no tokens yet, and expired. The account is
 * named as the identity provider names the person. An existing row stays.
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
      ${nameOf(Prisma.sql`u."id"`)}, 'identity_provider', to_timestamp(0), to_timestamp(0), now()
    FROM "OAuthClient" c JOIN "User" u ON u."id" = ${ownerKey} AND u."disabledAt" IS NULL
    WHERE c."serverId" = ${serverId} AND c."tokenSharing" = 'ORGANIZATION'
    ON CONFLICT ("serverId", "ownerKey") DO NOTHING`;
}
