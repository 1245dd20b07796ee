-- CreateEnum
CREATE TYPE "FlowKind" AS ENUM ('AUTHORIZATION', 'REFRESH', 'REVOCATION', 'REGISTRATION', 'STEP_UP');

-- CreateTable
CREATE TABLE "FlowRecord" (
    "id" TEXT NOT NULL,
    "flowId" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "kind" "FlowKind" NOT NULL,
    "ownerKey" TEXT NOT NULL,
    "actorId" TEXT,
    "trigger" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "reason" TEXT,
    "steps" JSONB NOT NULL,

    CONSTRAINT "FlowRecord_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "FlowRecord_serverId_at_idx" ON "FlowRecord"("serverId", "at");

-- AddForeignKey
ALTER TABLE "FlowRecord" ADD CONSTRAINT "FlowRecord_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
