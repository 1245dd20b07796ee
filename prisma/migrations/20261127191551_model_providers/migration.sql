-- CreateEnum
CREATE TYPE "ModelAudience" AS ENUM ('EVERYONE', 'ADMINS');

-- AlterTable
ALTER TABLE "Assistant" ADD COLUMN     "letsPeopleChoose" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "modelsToChoose" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "Conversation" ADD COLUMN     "model" TEXT;

-- CreateTable
CREATE TABLE "ModelProvider" (
    "id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "baseUrl" TEXT,
    "apiKeySealed" TEXT,
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "testedAt" TIMESTAMPTZ(3),
    "testedModel" TEXT,
    "testedMs" INTEGER,
    "testError" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ModelProvider_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OfferedModel" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "label" TEXT NOT NULL DEFAULT '',
    "audience" "ModelAudience" NOT NULL DEFAULT 'EVERYONE',
    "isDefault" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OfferedModel_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "ModelProvider_name_key" ON "ModelProvider"("name");

-- CreateIndex
CREATE UNIQUE INDEX "OfferedModel_name_key" ON "OfferedModel"("name");

-- Only a sealed box (lib/vault) fits.
ALTER TABLE "ModelProvider"
  ADD CONSTRAINT "ModelProvider_apiKeySealed_is_sealed" CHECK ("apiKeySealed" ~ '^v1(\.[^.]+){4}$');

-- One default at most, and everybody may use it.
CREATE UNIQUE INDEX "OfferedModel_default_key" ON "OfferedModel" ("isDefault") WHERE "isDefault";
ALTER TABLE "OfferedModel"
  ADD CONSTRAINT "OfferedModel_default_is_for_everyone" CHECK (NOT "isDefault" OR "audience" = 'EVERYONE');
