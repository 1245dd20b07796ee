-- AlterTable
ALTER TABLE "PausedToolCall" ADD COLUMN     "confirmed" BOOLEAN NOT NULL DEFAULT false;
