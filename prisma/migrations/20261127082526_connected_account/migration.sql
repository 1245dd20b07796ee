-- AlterTable
ALTER TABLE "OAuthClient" ADD COLUMN     "accountPrompt" TEXT;

-- AlterTable
ALTER TABLE "PersonalKey" ADD COLUMN     "accountName" TEXT;

-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "accountSource" TEXT,
ADD COLUMN     "consentId" TEXT;
