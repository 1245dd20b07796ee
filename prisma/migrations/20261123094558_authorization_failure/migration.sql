-- AlterTable
ALTER TABLE "AuthorizationRequest" ADD COLUMN     "failure" TEXT;
