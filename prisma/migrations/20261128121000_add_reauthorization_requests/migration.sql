ALTER TABLE "StoredTokenSet" ADD COLUMN "reauthorizationRequestedAt" TIMESTAMPTZ(3);

-- Accounts whose owner was asked: few of many.
CREATE INDEX "StoredTokenSet_reauthorization_requested" ON "StoredTokenSet" ("serverId")
  WHERE "reauthorizationRequestedAt" IS NOT NULL;
