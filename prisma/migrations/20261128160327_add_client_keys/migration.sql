-- CreateEnum
CREATE TYPE "SigningAlgorithm" AS ENUM ('ES256', 'RS256');

-- AlterEnum
ALTER TYPE "TokenEndpointAuthMethod" ADD VALUE 'PRIVATE_KEY_JWT';

-- CreateTable
CREATE TABLE "ClientKey" (
    "id" TEXT NOT NULL,
    "algorithm" "SigningAlgorithm" NOT NULL,
    "publicKey" JSONB NOT NULL,
    "privateKeySealed" TEXT NOT NULL,
    "usedFrom" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ClientKey_pkey" PRIMARY KEY ("id")
);

-- Only a sealed box (lib/vault) fits.
ALTER TABLE "ClientKey"
  ADD CONSTRAINT "ClientKey_privateKeySealed_is_sealed" CHECK ("privateKeySealed" ~ '^v1(\.[^.]+){4}$');
