-- AlterTable
ALTER TABLE "McpServer" ADD COLUMN     "switchedOffAt" TIMESTAMPTZ(3);

-- The examples of an assistant name no tool of a server that is switched off.
DROP TRIGGER "McpServer_examples_update" ON "McpServer";
CREATE TRIGGER "McpServer_examples_update" AFTER UPDATE ON "McpServer"
  FOR EACH ROW WHEN (OLD."name" IS DISTINCT FROM NEW."name"
    OR (OLD."switchedOffAt" IS NULL) IS DISTINCT FROM (NEW."switchedOffAt" IS NULL))
  EXECUTE FUNCTION "forget_examples_of_server"('id');
