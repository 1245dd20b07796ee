-- AlterEnum
ALTER TYPE "PausedToolCallState" ADD VALUE 'AWAITING_ACCOUNT';

-- AlterTable
ALTER TABLE "PausedToolCall" ADD COLUMN     "account" TEXT;

-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "isDefault" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "label" TEXT;

-- A token belongs to everybody or to exactly the person it is stored for. A person's further accounts have an id.
ALTER TABLE "StoredTokenSet"
  DROP CONSTRAINT "StoredTokenSet_owner",
  ADD CONSTRAINT "StoredTokenSet_owner" CHECK (
    CASE WHEN "ownerKey" = 'shared' THEN "userId" IS NULL
    ELSE "userId" IS NOT NULL AND split_part("ownerKey", ':', 1) = "userId"
      AND "ownerKey" ~ '^[^:]+(:[0-9a-f]{12})?$' END
  );
ALTER TABLE "AuthorizationRequest"
  DROP CONSTRAINT "AuthorizationRequest_owner",
  ADD CONSTRAINT "AuthorizationRequest_owner" CHECK (
    "ownerKey" = 'shared'
    OR (split_part("ownerKey", ':', 1) = "userId" AND "ownerKey" ~ '^[^:]+(:[0-9a-f]{12})?$')
  );

-- The accounts of a person at a server, and all of a person's.
DROP INDEX "StoredTokenSet_userId_idx";
CREATE INDEX "StoredTokenSet_userId_serverId_idx" ON "StoredTokenSet"("userId", "serverId");
