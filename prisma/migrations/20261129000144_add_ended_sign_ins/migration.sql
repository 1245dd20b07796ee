-- CreateTable
CREATE TABLE "EndedSignIn" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "refreshTokenSealed" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "nextAttemptAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "EndedSignIn_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "EndedSignIn_nextAttemptAt_idx" ON "EndedSignIn"("nextAttemptAt");

-- Only sealed boxes (lib/vault) fit.
ALTER TABLE "EndedSignIn"
  ADD CONSTRAINT "EndedSignIn_refreshTokenSealed_is_sealed" CHECK ("refreshTokenSealed" ~ '^v1(\.[^.]+){4}$');

-- Deleted by hand, with its person or with its identity: the identity provider has to be told in any case.
CREATE FUNCTION "keep_ended_sign_in"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "EndedSignIn" ("id", "userId", "issuer", "clientId", "refreshTokenSealed")
  VALUES (gen_random_uuid()::text, OLD."userId", OLD."issuer", OLD."clientId", OLD."refreshTokenSealed");
  RETURN NULL;
END $$;
CREATE TRIGGER "IdentityTokens_ended" AFTER DELETE ON "IdentityTokens"
  FOR EACH ROW WHEN (OLD."refreshTokenSealed" IS NOT NULL)
  EXECUTE FUNCTION "keep_ended_sign_in"();
