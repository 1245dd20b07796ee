ALTER TABLE "PausedToolCall" ADD COLUMN "adminAskedAt" TIMESTAMPTZ(3);

-- Calls for which a person asked the admins: few of many.
CREATE INDEX "PausedToolCall_admin_asked" ON "PausedToolCall" ("serverId")
  WHERE "adminAskedAt" IS NOT NULL AND "state" = 'AWAITING_AUTHORIZATION';
