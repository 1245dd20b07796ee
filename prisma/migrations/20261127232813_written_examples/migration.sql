-- AlterTable
ALTER TABLE "Assistant" ADD COLUMN     "writtenExamples" TEXT[] DEFAULT ARRAY[]::TEXT[];
