-- CreateEnum
CREATE TYPE "ToolPolicy" AS ENUM ('ASK', 'ALWAYS', 'NEVER');

-- AlterTable
ALTER TABLE "AssistantServer" ADD COLUMN     "toolsAcceptedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "AssistantTool" (
    "assistantId" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "toolName" TEXT NOT NULL,
    "policy" "ToolPolicy",
    "acceptedFingerprint" TEXT,
    "acceptedDefinition" JSONB,
    "acceptedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AssistantTool_pkey" PRIMARY KEY ("assistantId","serverId","toolName")
);

-- AddForeignKey
ALTER TABLE "AssistantTool" ADD CONSTRAINT "AssistantTool_assistantId_serverId_fkey" FOREIGN KEY ("assistantId", "serverId") REFERENCES "AssistantServer"("assistantId", "serverId") ON DELETE CASCADE ON UPDATE CASCADE;
