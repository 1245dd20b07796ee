-- CreateEnum
CREATE TYPE "InputFlow" AS ENUM ('INPUT_REQUIRED', 'ELICITATION_REQUEST', 'URL_REQUIRED');

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "PausedToolCallState" ADD VALUE 'AWAITING_INPUT';
ALTER TYPE "PausedToolCallState" ADD VALUE 'INPUT_GIVEN';

-- AlterTable
ALTER TABLE "PausedToolCall" ADD COLUMN     "inputFlow" "InputFlow",
ADD COLUMN     "inputRequests" JSONB,
ADD COLUMN     "inputResponses" JSONB,
ADD COLUMN     "inputRound" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "requestState" TEXT;
