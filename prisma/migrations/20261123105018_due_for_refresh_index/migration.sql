-- DropIndex
DROP INDEX "StoredTokenSet_nextRefreshAt_id_idx";

-- What the sweep reads: of all tokens those that have something to refresh, the most urgent first.
-- schema.prisma cannot say WHERE.
CREATE INDEX "StoredTokenSet_due_for_refresh" ON "StoredTokenSet" ("nextRefreshAt", "id") WHERE "nextRefreshAt" IS NOT NULL;
