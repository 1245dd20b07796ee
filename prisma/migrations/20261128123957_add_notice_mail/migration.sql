-- CreateEnum
CREATE TYPE "NoticeMail" AS ENUM ('AT_ONCE', 'DAILY', 'OFF');

-- AlterTable
ALTER TABLE "OutgoingMail" ADD COLUMN     "noticeIds" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- AlterTable
ALTER TABLE "User" ADD COLUMN     "noticeMail" "NoticeMail",
ADD COLUMN     "noticesToldUntil" TIMESTAMPTZ(3);
