-- AlterTable
ALTER TABLE "AuthorizationRequest" ADD COLUMN     "connectedAt" TIMESTAMPTZ(3),
ADD COLUMN     "failureReason" TEXT;
