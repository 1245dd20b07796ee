-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "accountName" TEXT;

-- CreateIndex
CREATE INDEX "AuditEvent_action_at_idx" ON "AuditEvent"("action", "at");
