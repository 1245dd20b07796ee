-- CreateTable
CREATE TABLE "IdentityTokens" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "idTokenSealed" TEXT NOT NULL,
    "accessTokenSealed" TEXT,
    "refreshTokenSealed" TEXT,
    "idTokenExpiresAt" TIMESTAMPTZ(3) NOT NULL,
    "idTokenObtainedAt" TIMESTAMPTZ(3) NOT NULL,
    "accessTokenExpiresAt" TIMESTAMPTZ(3),
    "obtainedAt" TIMESTAMPTZ(3) NOT NULL,
    "signedInAt" TIMESTAMPTZ(3) NOT NULL,
    "refreshFailures" INTEGER NOT NULL DEFAULT 0,
    "refreshRefusals" INTEGER NOT NULL DEFAULT 0,
    "lastRefreshError" TEXT,
    "lastRefreshErrorAt" TIMESTAMPTZ(3),
    "nextTryAt" TIMESTAMPTZ(3),
    "leaseId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "IdentityTokens_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "IdentityTokens_userId_key" ON "IdentityTokens"("userId");

-- AddForeignKey
ALTER TABLE "IdentityTokens" ADD CONSTRAINT "IdentityTokens_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IdentityTokens" ADD CONSTRAINT "IdentityTokens_userId_issuer_fkey" FOREIGN KEY ("userId", "issuer") REFERENCES "OidcIdentity"("userId", "issuer") ON DELETE CASCADE ON UPDATE CASCADE;

-- Only sealed boxes (lib/vault) fit.
ALTER TABLE "IdentityTokens"
  ADD CONSTRAINT "IdentityTokens_idTokenSealed_is_sealed" CHECK ("idTokenSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "IdentityTokens_accessTokenSealed_is_sealed" CHECK ("accessTokenSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "IdentityTokens_refreshTokenSealed_is_sealed" CHECK ("refreshTokenSealed" ~ '^v1(\.[^.]+){4}$');
