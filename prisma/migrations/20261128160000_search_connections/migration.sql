-- A search of the connections console reads this index alone, with accounts in lower case already. The words are those
-- of lib/db/lists/connection-conditions.ts; "accountName" is included since Postgres takes no index alone without it.
DROP INDEX "StoredTokenSet_accountName_id_idx";
CREATE INDEX "StoredTokenSet_searched" ON "StoredTokenSet" (lower("accountName"), "id")
  INCLUDE ("accountName", "serverId", "userId", "createdAt", "lastUsedAt");
