-- CreateEnum
CREATE TYPE "AccessMode" AS ENUM ('EVERYONE', 'CHOSEN');

-- CreateEnum
CREATE TYPE "MembershipSource" AS ENUM ('HAND', 'CLAIM');

-- AlterTable
ALTER TABLE "Assistant" ADD COLUMN     "access" "AccessMode" NOT NULL DEFAULT 'EVERYONE';

-- AlterTable
ALTER TABLE "McpServer" ADD COLUMN     "access" "AccessMode" NOT NULL DEFAULT 'EVERYONE';

-- CreateTable
CREATE TABLE "Group" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "claimValue" TEXT,
    "role" "Role",
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "GroupMember" (
    "groupId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "source" "MembershipSource" NOT NULL DEFAULT 'HAND',

    CONSTRAINT "GroupMember_pkey" PRIMARY KEY ("groupId","userId","source")
);

-- CreateTable
CREATE TABLE "AccessGrant" (
    "id" TEXT NOT NULL,
    "assistantId" TEXT,
    "serverId" TEXT,
    "userId" TEXT,
    "groupId" TEXT,

    CONSTRAINT "AccessGrant_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "Group_name_key" ON "Group"("name");

-- CreateIndex
CREATE UNIQUE INDEX "Group_claimValue_key" ON "Group"("claimValue");

-- CreateIndex
CREATE INDEX "GroupMember_userId_idx" ON "GroupMember"("userId");

-- CreateIndex
CREATE INDEX "AccessGrant_assistantId_idx" ON "AccessGrant"("assistantId");

-- CreateIndex
CREATE INDEX "AccessGrant_serverId_idx" ON "AccessGrant"("serverId");

-- CreateIndex
CREATE INDEX "AccessGrant_userId_idx" ON "AccessGrant"("userId");

-- CreateIndex
CREATE INDEX "AccessGrant_groupId_idx" ON "AccessGrant"("groupId");

-- AddForeignKey
ALTER TABLE "GroupMember" ADD CONSTRAINT "GroupMember_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "Group"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "GroupMember" ADD CONSTRAINT "GroupMember_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccessGrant" ADD CONSTRAINT "AccessGrant_assistantId_fkey" FOREIGN KEY ("assistantId") REFERENCES "Assistant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccessGrant" ADD CONSTRAINT "AccessGrant_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccessGrant" ADD CONSTRAINT "AccessGrant_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccessGrant" ADD CONSTRAINT "AccessGrant_groupId_fkey" FOREIGN KEY ("groupId") REFERENCES "Group"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A grant names one of each.
ALTER TABLE "AccessGrant"
  ADD CONSTRAINT "AccessGrant_one_subject" CHECK (num_nonnulls("assistantId", "serverId") = 1),
  ADD CONSTRAINT "AccessGrant_one_grantee" CHECK (num_nonnulls("userId", "groupId") = 1);
