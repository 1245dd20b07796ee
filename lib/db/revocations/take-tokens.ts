import type { Database, DatabaseTransaction } from "../client";
import type { OAuthClient, RevocationCause } from "../generated/client";
import * as Prisma from "../generated/internal/prismaNamespace";
import type { Owner, TokenColumns } from "../stored-token-set";

export type { RevocationCause };

/** How long an unavailable provider is retried, in ms. */
const keptForMs = 7 * 24 * 60 * 60_000;

/** What a revocation needs of the client, which may be changed or deleted in the meantime. The secret has a column. */
const copiedFields = [
  "clientId",
  "clientSecretExpiresAt",
  "authorizationEndpoint",
  "tokenEndpoint",
  "revocationEndpoint",
  "issuer",
  "registeredIssuer",
  "tokenEndpointAuthMethod",
  "workingAuthMethod",
  "settings",
] as const satisfies (keyof OAuthClient)[];

export type CopiedClient = Pick<OAuthClient, (typeof copiedFields)[number]>;

function copyOfClient(): Prisma.Sql {
  const fields = copiedFields.map((field) => `'${field}', c."${field}"`).join(", ");
  return Prisma.raw(`jsonb_build_object(${fields})`);
}

/** A deleted token set, by the row that has its tokens now. */
export interface TakenTokens extends Owner {
  /** Of the revocation. */
  id: string;
}

/** Which ones. `free`: only those that are not being refreshed. */
export type WhichTokens =
  | { serverId: string; ownerKey?: string }
  | { userId: string; free?: boolean };

/**
 * Deletes stored tokens and keeps them to be revoked, in one statement: at no moment are they in neither place.
 * The boxes stay unchanged, and so does what they are bound to.
 */
export function takeTokenSets(
  tx: Database | DatabaseTransaction,
  which: WhichTokens,
  cause: RevocationCause,
  now: Date,
): Promise<TakenTokens[]> {
  return take(tx, conditionOf(which), cause, now);
}

/** Of disabled people, except what is being refreshed right now: left by a process that did not survive. */
export function takeTokensOfDisabled(db: Database, now: Date): Promise<TakenTokens[]> {
  const disabled = Prisma.sql`
    t."userId" IN (SELECT "id" FROM "User" WHERE "disabledAt" IS NOT NULL) AND ${isFree}`;
  return take(db, disabled, "PERSON_DISABLED", now);
}

/** Whether one of their accounts is being refreshed. */
export async function hasLeasedTokens(db: Database, userId: string): Promise<boolean> {
  const [found] = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "StoredTokenSet" t WHERE t."userId" = ${userId} AND NOT (${isFree}) LIMIT 1`;
  return found !== undefined;
}

const isFree = Prisma.sql`(t."leaseUntil" IS NULL OR t."leaseUntil" <= now())`;

function conditionOf(which: WhichTokens): Prisma.Sql {
  if ("userId" in which) {
    const theirs = Prisma.sql`t."userId" = ${which.userId}`;
    return which.free ? Prisma.sql`${theirs} AND ${isFree}` : theirs;
  }
  const { serverId, ownerKey } = which;
  const ofServer = Prisma.sql`t."serverId" = ${serverId}`;
  return ownerKey === undefined ? ofServer : Prisma.sql`${ofServer} AND t."ownerKey" = ${ownerKey}`;
}

function take(
  tx: Database | DatabaseTransaction,
  condition: Prisma.Sql,
  cause: RevocationCause,
  now: Date,
): Promise<TakenTokens[]> {
  return tx.$queryRaw<TakenTokens[]>`
    WITH gone AS (DELETE FROM "StoredTokenSet" t WHERE ${condition} RETURNING t.*)
    INSERT INTO "TokenRevocation" ("id", "cause", "serverId", "ownerKey", "serverName", "userId",
      "userName", "userEmail", "providerHost", "accountName", "accessTokenSealed",
      "refreshTokenSealed", "accessExpiresAt", "clientRowId", "client", "clientSecretSealed",
      "nextAttemptAt", "giveUpAt", "createdAt")
    SELECT gen_random_uuid()::text, ${cause}::"RevocationCause", g."serverId", g."ownerKey",
      coalesce(s."name", ''), g."userId", u."name", u."email",
      coalesce(substring(coalesce(c."revocationEndpoint", c."tokenEndpoint", g."tokenEndpoint")
        FROM '^https?://([^/?#]+)'), ''),
      g."accountName", g."accessTokenSealed", g."refreshTokenSealed", g."expiresAt", c."id",
      CASE WHEN c."id" IS NULL THEN NULL ELSE ${copyOfClient()} END, c."clientSecretSealed",
      ${now}, ${new Date(now.getTime() + keptForMs)}, ${now}
    FROM gone g
    LEFT JOIN "McpServer" s ON s."id" = g."serverId"
    -- Tokens go to the provider that granted them, and to no other.
    LEFT JOIN "OAuthClient" c ON c."serverId" = g."serverId" AND (
      g."clientId" IS NULL OR g."tokenEndpoint" IS NULL OR (
        g."clientId" = c."clientId" AND g."tokenEndpoint" = c."tokenEndpoint"))
    LEFT JOIN "User" u ON u."id" = g."userId"
    RETURNING "id", "serverId", "ownerKey"`;
}

/**
 * Tokens that a provider issued for an account deleted in the meantime. Person and cause are those of the
 * deletion.
 */
export async function insertLateRevocation(
  db: Database,
  owner: Owner & { serverName: string; userId: string | null; accountName: string | null },
  tokens: Pick<TokenColumns, "accessTokenSealed" | "refreshTokenSealed" | "expiresAt">,
  client: CopiedClient & Pick<OAuthClient, "id" | "clientSecretSealed">,
  now: Date,
): Promise<string> {
  const copy = JSON.stringify(Object.fromEntries(copiedFields.map((name) => [name, client[name]])));
  const { serverId, ownerKey, userId } = owner;
  const { host } = new URL(client.revocationEndpoint ?? client.tokenEndpoint);
  const [row] = await db.$queryRaw<{ id: string }[]>`
    WITH before AS (
      SELECT "cause", "userName", "userEmail" FROM "TokenRevocation"
      WHERE "serverId" = ${serverId} AND "ownerKey" = ${ownerKey}
      ORDER BY "createdAt" DESC LIMIT 1)
    INSERT INTO "TokenRevocation" ("id", "cause", "serverId", "ownerKey", "serverName", "userId",
      "userName", "userEmail", "providerHost", "accountName", "accessTokenSealed",
      "refreshTokenSealed", "accessExpiresAt", "clientRowId", "client", "clientSecretSealed",
      "nextAttemptAt", "giveUpAt", "createdAt")
    SELECT gen_random_uuid()::text, coalesce(b."cause", 'DISCONNECTED'), ${serverId}, ${ownerKey},
      ${owner.serverName}, ${userId}::text, coalesce(u."name", b."userName"),
      coalesce(u."email", b."userEmail"), ${host}, ${owner.accountName}::text,
      ${tokens.accessTokenSealed}, ${tokens.refreshTokenSealed}::text,
      ${tokens.expiresAt}::timestamptz, ${client.id}, ${copy}::jsonb,
      ${client.clientSecretSealed}::text, ${now}, ${new Date(now.getTime() + keptForMs)}, ${now}
    FROM (SELECT 1) AS one
    LEFT JOIN before b ON true
    LEFT JOIN "User" u ON u."id" = ${userId}::text
    RETURNING "id"`;
  if (!row) throw new Error("The database stored no revocation.");
  return row.id;
}
