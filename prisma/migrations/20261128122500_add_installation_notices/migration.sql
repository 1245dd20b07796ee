-- Some notices are about the installation and have no server.
ALTER TABLE "Notice" ALTER COLUMN "serverId" DROP NOT NULL,
  ALTER COLUMN "serverName" DROP NOT NULL;
DROP INDEX "Notice_open";
CREATE UNIQUE INDEX "Notice_open" ON "Notice" ("kind", coalesce("serverId", ''), coalesce("userId", ''))
  WHERE "closedAt" IS NULL;

ALTER TABLE "VaultCanary" ADD COLUMN "keySince" TIMESTAMPTZ(3) NOT NULL DEFAULT now();
-- Earlier changes of the key left no trace, so it counts as the first one.
UPDATE "VaultCanary" SET "keySince" = "createdAt";

-- It is sealed again only under another key. In the same statement as that: a rotation may be killed at any moment.
CREATE FUNCTION note_new_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW."keySince" := now();
  RETURN NEW;
END $$;
CREATE TRIGGER "VaultCanary_key" BEFORE UPDATE OF "boxSealed" ON "VaultCanary"
  FOR EACH ROW WHEN (NEW."boxSealed" IS DISTINCT FROM OLD."boxSealed") EXECUTE FUNCTION note_new_key();
