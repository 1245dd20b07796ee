-- AlterTable
ALTER TABLE "OAuthClient" ADD COLUMN     "followsServer" BOOLEAN NOT NULL DEFAULT true;
