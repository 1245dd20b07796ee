-- AlterTable
ALTER TABLE "Conversation" ADD COLUMN     "accounts" JSONB NOT NULL DEFAULT '{}';
