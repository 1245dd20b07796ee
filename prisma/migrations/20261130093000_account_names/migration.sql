-- A search for connections reads these short rows instead of the token sets, which each refresh changes. The index
-- that it read before was as wide and was written again by each refresh.
CREATE TABLE "AccountName" (
    "id" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "userId" TEXT,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AccountName_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "AccountName" ADD CONSTRAINT "AccountName_id_fkey" FOREIGN KEY ("id")
  REFERENCES "StoredTokenSet"("id") ON DELETE CASCADE ON UPDATE CASCADE;

CREATE FUNCTION "keep_account_name"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "AccountName" ("id", "serverId", "userId", "name", "createdAt")
  VALUES (NEW."id", NEW."serverId", NEW."userId", lower(coalesce(NEW."accountName", '')), NEW."createdAt")
  ON CONFLICT ("id") DO UPDATE SET "serverId" = EXCLUDED."serverId", "userId" = EXCLUDED."userId",
    "name" = EXCLUDED."name", "createdAt" = EXCLUDED."createdAt";
  RETURN NULL;
END;
$$;
-- Before the existing rows are copied: whoever changes one waits for this transaction, and then for the trigger.
CREATE TRIGGER "StoredTokenSet_account_name_insert" AFTER INSERT ON "StoredTokenSet"
  FOR EACH ROW EXECUTE FUNCTION "keep_account_name"();
CREATE TRIGGER "StoredTokenSet_account_name_update" AFTER UPDATE ON "StoredTokenSet"
  FOR EACH ROW WHEN ((OLD."serverId", OLD."userId", OLD."accountName", OLD."createdAt")
    IS DISTINCT FROM (NEW."serverId", NEW."userId", NEW."accountName", NEW."createdAt"))
  EXECUTE FUNCTION "keep_account_name"();

INSERT INTO "AccountName" ("id", "serverId", "userId", "name", "createdAt")
SELECT "id", "serverId", "userId", lower(coalesce("accountName", '')), "createdAt" FROM "StoredTokenSet";
DROP INDEX "StoredTokenSet_searched";
