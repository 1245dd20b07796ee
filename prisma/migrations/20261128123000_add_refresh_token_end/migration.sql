ALTER TABLE "StoredTokenSet" ADD COLUMN "refreshTokenExpiresAt" TIMESTAMPTZ(3),
ADD COLUMN "refreshTokenExtended" BOOLEAN;

-- Refresh tokens that end although Usher uses them: few of many.
CREATE INDEX "StoredTokenSet_refresh_token_ends" ON "StoredTokenSet" ("refreshTokenExpiresAt")
  WHERE NOT "refreshTokenExtended";
