-- AlterEnum
ALTER TYPE "FlowKind" ADD VALUE 'PERSONAL_KEY';

-- AlterTable
ALTER TABLE "McpServer" ADD COLUMN     "headerSharing" "TokenSharing" NOT NULL DEFAULT 'SHARED';

-- CreateTable
CREATE TABLE "PersonalKey" (
    "id" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "headerNames" TEXT[],
    "valuesSealed" TEXT NOT NULL,
    "savedAt" TIMESTAMPTZ(3) NOT NULL,
    "rejectedAt" TIMESTAMPTZ(3),
    "rejectedReason" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PersonalKey_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "PersonalKey_userId_idx" ON "PersonalKey"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "PersonalKey_serverId_userId_key" ON "PersonalKey"("serverId", "userId");

-- AddForeignKey
ALTER TABLE "PersonalKey" ADD CONSTRAINT "PersonalKey_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PersonalKey" ADD CONSTRAINT "PersonalKey_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Only a sealed box (lib/vault) fits.
ALTER TABLE "PersonalKey"
  ADD CONSTRAINT "PersonalKey_valuesSealed_is_sealed" CHECK ("valuesSealed" ~ '^v1(\.[^.]+){4}$');
