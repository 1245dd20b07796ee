-- CreateEnum
CREATE TYPE "AlwaysAllowPolicy" AS ENUM ('NONE', 'NOT_DESTRUCTIVE', 'ALL');

-- AlterTable
ALTER TABLE "Assistant" ADD COLUMN     "alwaysAllow" "AlwaysAllowPolicy" NOT NULL DEFAULT 'NONE';

-- CreateTable
CREATE TABLE "AlwaysAllowedTool" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "assistantId" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "toolName" TEXT NOT NULL,
    "toolTitle" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "endpoint" TEXT NOT NULL,
    "consentId" TEXT,
    "accountName" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "endedBecause" TEXT,

    CONSTRAINT "AlwaysAllowedTool_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AlwaysAllowedTool_assistantId_serverId_idx" ON "AlwaysAllowedTool"("assistantId", "serverId");

-- CreateIndex
CREATE INDEX "AlwaysAllowedTool_serverId_idx" ON "AlwaysAllowedTool"("serverId");

-- CreateIndex
CREATE UNIQUE INDEX "AlwaysAllowedTool_userId_assistantId_serverId_toolName_key" ON "AlwaysAllowedTool"("userId", "assistantId", "serverId", "toolName");

-- AddForeignKey
ALTER TABLE "AlwaysAllowedTool" ADD CONSTRAINT "AlwaysAllowedTool_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AlwaysAllowedTool" ADD CONSTRAINT "AlwaysAllowedTool_assistantId_serverId_fkey" FOREIGN KEY ("assistantId", "serverId") REFERENCES "AssistantServer"("assistantId", "serverId") ON DELETE CASCADE ON UPDATE CASCADE;
