-- CreateEnum
CREATE TYPE "ClientRegistration" AS ENUM ('PRE_REGISTERED', 'METADATA_DOCUMENT', 'DYNAMIC');

-- AlterTable
ALTER TABLE "AuthorizationRequest" ADD COLUMN     "issParameterRequired" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "issuer" TEXT;

-- AlterTable
ALTER TABLE "OAuthClient" ADD COLUMN     "clientSecretExpiresAt" TIMESTAMPTZ(3),
ADD COLUMN     "issParameterRequired" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "registeredAt" TIMESTAMPTZ(3),
ADD COLUMN     "registeredBecause" TEXT,
ADD COLUMN     "registeredIssuer" TEXT,
ADD COLUMN     "registeredRedirectUri" TEXT,
ADD COLUMN     "registration" "ClientRegistration" NOT NULL DEFAULT 'PRE_REGISTERED',
ADD COLUMN     "registrationForgotten" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "registrationProven" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "resource" TEXT;

-- AlterTable
ALTER TABLE "PausedToolCall" ADD COLUMN     "steppedUp" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "challengedScope" TEXT,
ADD COLUMN     "requestedScope" TEXT;

-- Credentials are keyed by issuer: who changes the one without the other would send them elsewhere.
UPDATE "OAuthClient" SET "registeredIssuer" = "issuer" WHERE "issuer" IS NOT NULL;
ALTER TABLE "OAuthClient"
  ADD CONSTRAINT "OAuthClient_credentials_belong_to_issuer" CHECK (
    "registeredIssuer" IS NULL OR ("issuer" IS NOT NULL AND "registeredIssuer" = "issuer")
  );
