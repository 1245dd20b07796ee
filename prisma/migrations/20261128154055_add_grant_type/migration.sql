-- CreateEnum
CREATE TYPE "GrantType" AS ENUM ('AUTHORIZATION_CODE', 'CLIENT_CREDENTIALS');

-- AlterTable
ALTER TABLE "OAuthClient" ADD COLUMN     "grantType" "GrantType" NOT NULL DEFAULT 'AUTHORIZATION_CODE';

-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "grantType" "GrantType" NOT NULL DEFAULT 'AUTHORIZATION_CODE';

-- Where no browser is sent anywhere, there is no Authorization URL.
ALTER TABLE "OAuthClient"
  DROP CONSTRAINT "OAuthClient_endpoints_are_http",
  ADD CONSTRAINT "OAuthClient_endpoints_are_http" CHECK (
    ("authorizationEndpoint" ~* '^https?://' OR ("grantType" = 'CLIENT_CREDENTIALS' AND "authorizationEndpoint" = ''))
    AND "tokenEndpoint" ~* '^https?://'
    AND ("revocationEndpoint" IS NULL OR "revocationEndpoint" ~* '^https?://')
  ),
  -- A client's own account is the team's.
  ADD CONSTRAINT "OAuthClient_client_credentials_are_shared" CHECK (
    "grantType" = 'AUTHORIZATION_CODE' OR "tokenSharing" = 'SHARED');

-- Access by client credentials is renewed without a refresh token. The words are those of
-- lib/db/lists/connection-conditions.ts.
DROP INDEX "StoredTokenSet_ends";
CREATE INDEX "StoredTokenSet_ends" ON "StoredTokenSet" (
  (CASE WHEN "refreshTokenSealed" IS NULL AND "grantType" = 'AUTHORIZATION_CODE'
    THEN coalesce("expiresAt", 'infinity'::timestamptz) ELSE 'infinity'::timestamptz END),
  "id");
