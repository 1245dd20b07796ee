-- AlterTable
ALTER TABLE "Assistant" ADD COLUMN     "examples" JSONB,
ADD COLUMN     "examplesVersion" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "ToolCatalogue" ADD COLUMN     "changingToolCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "toolCount" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "AuditName" (
    "field" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "AuditName_pkey" PRIMARY KEY ("field","value")
);

-- CreateIndex
CREATE INDEX "AuditEvent_actorEmail_at_idx" ON "AuditEvent"("actorEmail", "at");

-- CreateIndex
CREATE INDEX "AuditEvent_serverName_at_idx" ON "AuditEvent"("serverName", "at");

-- How many tools each server lists, and of those how many may change data, kept beside the list: whoever
-- lists servers reads two numbers instead of every tool.
CREATE FUNCTION "count_catalogue_tools"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF jsonb_typeof(NEW."tools") = 'array' THEN
    NEW."toolCount" := jsonb_array_length(NEW."tools");
    NEW."changingToolCount" := NEW."toolCount" - jsonb_array_length(
      jsonb_path_query_array(NEW."tools", '$[*] ? (@.annotations.readOnlyHint == true)'));
  END IF;
  RETURN NEW;
END;
$$;
CREATE TRIGGER "ToolCatalogue_count_tools" BEFORE INSERT OR UPDATE OF "tools" ON "ToolCatalogue"
  FOR EACH ROW EXECUTE FUNCTION "count_catalogue_tools"();
UPDATE "ToolCatalogue" SET "tools" = "tools";

-- An assistant's examples are forgotten when something they come from changes: its servers and choices, what
-- was decided on a tool, a server's list or name. Whoever lists assistants next works them out. The number
-- tells them whether something has changed since they read.
CREATE FUNCTION "forget_assistant_examples"(ids text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  -- Always in one order: two changes at once would else wait for each other.
  PERFORM 1 FROM "Assistant" WHERE "id" = ANY (ids) ORDER BY "id" FOR NO KEY UPDATE;
  UPDATE "Assistant" SET "examples" = NULL, "examplesVersion" = "examplesVersion" + 1 WHERE "id" = ANY (ids);
END;
$$;

CREATE FUNCTION "forget_examples_of_touched"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM "forget_assistant_examples"(ARRAY(SELECT DISTINCT "assistantId" FROM touched));
  RETURN NULL;
END;
$$;
CREATE TRIGGER "AssistantServer_examples_insert" AFTER INSERT ON "AssistantServer"
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION "forget_examples_of_touched"();
CREATE TRIGGER "AssistantServer_examples_update" AFTER UPDATE ON "AssistantServer"
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION "forget_examples_of_touched"();
CREATE TRIGGER "AssistantServer_examples_delete" AFTER DELETE ON "AssistantServer"
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION "forget_examples_of_touched"();
CREATE TRIGGER "AssistantTool_examples_insert" AFTER INSERT ON "AssistantTool"
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION "forget_examples_of_touched"();
CREATE TRIGGER "AssistantTool_examples_update" AFTER UPDATE ON "AssistantTool"
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION "forget_examples_of_touched"();
CREATE TRIGGER "AssistantTool_examples_delete" AFTER DELETE ON "AssistantTool"
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION "forget_examples_of_touched"();

CREATE FUNCTION "forget_examples_of_server"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed text := to_jsonb(NEW) ->> TG_ARGV[0];
BEGIN
  PERFORM "forget_assistant_examples"(
    ARRAY(SELECT "assistantId" FROM "AssistantServer" WHERE "serverId" = changed));
  RETURN NULL;
END;
$$;
CREATE TRIGGER "ToolCatalogue_examples_insert" AFTER INSERT ON "ToolCatalogue"
  FOR EACH ROW EXECUTE FUNCTION "forget_examples_of_server"('serverId');
CREATE TRIGGER "ToolCatalogue_examples_update" AFTER UPDATE ON "ToolCatalogue"
  FOR EACH ROW WHEN (OLD."tools" IS DISTINCT FROM NEW."tools")
  EXECUTE FUNCTION "forget_examples_of_server"('serverId');
CREATE TRIGGER "McpServer_examples_update" AFTER UPDATE ON "McpServer"
  FOR EACH ROW WHEN (OLD."name" IS DISTINCT FROM NEW."name")
  EXECUTE FUNCTION "forget_examples_of_server"('id');

-- Each action, person and server that the audit names, once. A search by a part of a name looks here, among
-- thousands and not millions, and then asks an index for the events of exactly these.
CREATE FUNCTION "keep_audit_names"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- In one order: two inserts at once would else wait for each other.
  INSERT INTO "AuditName" ("field", "value")
  SELECT DISTINCT named."field", named."value"
  FROM added, LATERAL (VALUES
    ('action', added."action"), ('person', added."actorEmail"), ('server', added."serverName")
  ) AS named ("field", "value")
  WHERE named."value" IS NOT NULL
  ORDER BY 1, 2
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END;
$$;
CREATE TRIGGER "AuditEvent_keep_names" AFTER INSERT ON "AuditEvent"
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION "keep_audit_names"();
INSERT INTO "AuditName" ("field", "value")
SELECT 'action', "action" FROM "AuditEvent" GROUP BY "action"
UNION ALL
SELECT 'person', "actorEmail" FROM "AuditEvent" WHERE "actorEmail" IS NOT NULL GROUP BY "actorEmail"
UNION ALL
SELECT 'server', "serverName" FROM "AuditEvent" WHERE "serverName" IS NOT NULL GROUP BY "serverName";

-- What the last refresh did not renew, newest first; and what is renewed automatically, counted.
CREATE INDEX "StoredTokenSet_last_failure" ON "StoredTokenSet" ("lastRefreshErrorAt") WHERE "lastRefreshErrorAt" IS NOT NULL;
CREATE INDEX "StoredTokenSet_renewed" ON "StoredTokenSet" ("nextRefreshAt") WHERE "nextRefreshAt" IS NOT NULL AND "rejectedAt" IS NULL;
