-- AlterTable
ALTER TABLE "McpServer" ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "OAuthClient" ADD COLUMN     "settings" JSONB NOT NULL DEFAULT '{}';
