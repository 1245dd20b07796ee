-- AlterTable
ALTER TABLE "ToolCatalogue" ADD COLUMN     "leftOut" JSONB NOT NULL DEFAULT '[]';
