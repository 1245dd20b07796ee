-- CreateTable
CREATE TABLE "ServerHealth" (
    "serverId" TEXT NOT NULL,
    "answeredAt" TIMESTAMPTZ(3),
    "failedAt" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "ServerHealth_pkey" PRIMARY KEY ("serverId")
);

-- AddForeignKey
ALTER TABLE "ServerHealth" ADD CONSTRAINT "ServerHealth_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
