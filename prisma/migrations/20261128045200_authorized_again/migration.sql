-- AlterEnum
ALTER TYPE "RevocationOutcome" ADD VALUE 'AUTHORIZED_AGAIN';
