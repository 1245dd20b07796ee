-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "clientId" TEXT,
ADD COLUMN     "tokenEndpoint" TEXT;
