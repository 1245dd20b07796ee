-- AlterTable
ALTER TABLE "User" ADD COLUMN     "getStartedDismissedAt" TIMESTAMPTZ(3);
