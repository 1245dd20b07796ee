-- AlterTable
ALTER TABLE "PersonalKey" ADD COLUMN     "lastUsedAt" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "lastUsedAt" TIMESTAMPTZ(3);

-- CreateIndex
CREATE INDEX "StoredTokenSet_createdAt_id_idx" ON "StoredTokenSet"("createdAt", "id");

-- CreateIndex
CREATE INDEX "StoredTokenSet_accountName_id_idx" ON "StoredTokenSet"("accountName", "id");

-- CreateIndex
CREATE INDEX "User_name_email_idx" ON "User"("name", "email");

-- What the connections console sorts and filters by: since when each is unused, when access ends unless somebody
-- authorizes again, and what is in trouble. The words are those of lib/db/lists/connection-conditions.ts.
CREATE INDEX "StoredTokenSet_idle" ON "StoredTokenSet" (coalesce("lastUsedAt", "createdAt"), "id")
  INCLUDE ("lastUsedAt", "createdAt");
CREATE INDEX "StoredTokenSet_ends" ON "StoredTokenSet" (
  (CASE WHEN "refreshTokenSealed" IS NULL THEN coalesce("expiresAt", 'infinity'::timestamptz) ELSE 'infinity'::timestamptz END),
  "id");
CREATE INDEX "StoredTokenSet_in_trouble" ON "StoredTokenSet" ("id")
  WHERE "rejectedAt" IS NOT NULL OR "refreshFailures" > 0 OR "lastRefreshErrorAt" IS NOT NULL;

-- Until now only the audit knew. Without this, whatever is older than 30 days would count as unused.
CREATE TEMPORARY TABLE last_calls ON COMMIT DROP AS
SELECT "serverId", "ownerKey", max("at") AS at FROM "AuditEvent"
WHERE "action" = 'tool.call' AND "ownerKey" IS NOT NULL AND "details" ->> 'outcome' IN ('answered', 'tool_error')
GROUP BY "serverId", "ownerKey";
UPDATE "StoredTokenSet" t SET "lastUsedAt" = c.at FROM last_calls c
WHERE c."serverId" = t."serverId" AND c."ownerKey" = t."ownerKey";
UPDATE "PersonalKey" k SET "lastUsedAt" = c.at FROM last_calls c
WHERE c."serverId" = k."serverId" AND c."ownerKey" = k."userId";
