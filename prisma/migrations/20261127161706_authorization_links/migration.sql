-- CreateTable
CREATE TABLE "AuthorizationLink" (
    "id" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "ownerKey" TEXT NOT NULL,
    "userId" TEXT,
    "apiKeyId" TEXT,
    "ipAddress" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "requestId" TEXT,
    "connected" BOOLEAN NOT NULL DEFAULT false,
    "cancelledAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AuthorizationLink_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "AuthorizationLink_requestId_key" ON "AuthorizationLink"("requestId");

-- CreateIndex
CREATE INDEX "AuthorizationLink_serverId_idx" ON "AuthorizationLink"("serverId");

-- CreateIndex
CREATE INDEX "AuthorizationLink_userId_idx" ON "AuthorizationLink"("userId");

-- CreateIndex
CREATE INDEX "AuthorizationLink_apiKeyId_idx" ON "AuthorizationLink"("apiKeyId");

-- CreateIndex
CREATE INDEX "AuthorizationLink_expiresAt_idx" ON "AuthorizationLink"("expiresAt");

-- AddForeignKey
ALTER TABLE "AuthorizationLink" ADD CONSTRAINT "AuthorizationLink_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AuthorizationLink" ADD CONSTRAINT "AuthorizationLink_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AuthorizationLink" ADD CONSTRAINT "AuthorizationLink_apiKeyId_fkey" FOREIGN KEY ("apiKeyId") REFERENCES "ApiKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;
