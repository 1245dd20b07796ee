-- CreateEnum
CREATE TYPE "RevocationOutcome" AS ENUM ('PENDING', 'REVOKED', 'NO_ENDPOINT', 'REFUSED', 'GAVE_UP');

-- CreateEnum
CREATE TYPE "RevocationCause" AS ENUM ('DISCONNECTED', 'SERVER_DELETED', 'PERSON_DISABLED', 'PERSON_DELETED');

-- CreateTable
CREATE TABLE "TokenRevocation" (
    "id" TEXT NOT NULL,
    "cause" "RevocationCause" NOT NULL,
    "serverId" TEXT NOT NULL,
    "ownerKey" TEXT NOT NULL,
    "serverName" TEXT NOT NULL,
    "userId" TEXT,
    "userName" TEXT,
    "userEmail" TEXT,
    "providerHost" TEXT NOT NULL,
    "accountName" TEXT,
    "accessTokenSealed" TEXT,
    "refreshTokenSealed" TEXT,
    "accessExpiresAt" TIMESTAMPTZ(3),
    "clientRowId" TEXT,
    "client" JSONB,
    "clientSecretSealed" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3) NOT NULL,
    "leaseId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "giveUpAt" TIMESTAMPTZ(3) NOT NULL,
    "outcome" "RevocationOutcome" NOT NULL DEFAULT 'PENDING',
    "answeredAt" TIMESTAMPTZ(3),
    "answer" TEXT,
    "accessUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TokenRevocation_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "TokenRevocation_userId_createdAt_idx" ON "TokenRevocation"("userId", "createdAt");

-- CreateIndex
CREATE INDEX "TokenRevocation_createdAt_idx" ON "TokenRevocation"("createdAt");

-- What the sweep looks for: few rows of many.
CREATE INDEX "TokenRevocation_pending_idx" ON "TokenRevocation"("nextAttemptAt", "id") WHERE "outcome" = 'PENDING';

ALTER TABLE "TokenRevocation"
  ADD CONSTRAINT "TokenRevocation_accessTokenSealed_is_sealed" CHECK ("accessTokenSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "TokenRevocation_refreshTokenSealed_is_sealed" CHECK ("refreshTokenSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "TokenRevocation_clientSecretSealed_is_sealed" CHECK ("clientSecretSealed" ~ '^v1(\.[^.]+){4}$'),
  -- A receipt keeps no secret.
  ADD CONSTRAINT "TokenRevocation_ended_without_secrets" CHECK (
    "outcome" = 'PENDING'
    OR ("accessTokenSealed" IS NULL AND "refreshTokenSealed" IS NULL AND "clientSecretSealed" IS NULL));
