-- CreateTable
CREATE TABLE "OutgoingMail" (
    "id" TEXT NOT NULL,
    "userId" TEXT,
    "address" TEXT,
    "textSealed" TEXT NOT NULL,
    "tokenHash" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "leaseId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "lastError" TEXT,

    CONSTRAINT "OutgoingMail_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "OutgoingMail_userId_idx" ON "OutgoingMail"("userId");

-- CreateIndex
CREATE INDEX "OutgoingMail_nextAttemptAt_createdAt_idx" ON "OutgoingMail"("nextAttemptAt", "createdAt");

-- AddForeignKey
ALTER TABLE "OutgoingMail" ADD CONSTRAINT "OutgoingMail_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "OutgoingMail"
  ADD CONSTRAINT "OutgoingMail_textSealed_is_sealed" CHECK ("textSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "OutgoingMail_one_recipient" CHECK (("userId" IS NULL) <> ("address" IS NULL));
