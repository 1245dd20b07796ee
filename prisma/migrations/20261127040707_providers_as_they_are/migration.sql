-- AlterEnum
ALTER TYPE "TokenEndpointAuthMethod" ADD VALUE 'CLIENT_SECRET_BASIC_RAW';

-- AlterTable
ALTER TABLE "OAuthClient" ADD COLUMN     "clientRefusedAt" TIMESTAMPTZ(3),
ADD COLUMN     "issuerAlias" TEXT,
ADD COLUMN     "registrationEndpoint" TEXT,
ADD COLUMN     "s256Confirmed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "workingAuthMethod" "TokenEndpointAuthMethod";

-- AlterTable
ALTER TABLE "StoredTokenSet" ADD COLUMN     "failsAlone" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "refreshRefusals" INTEGER NOT NULL DEFAULT 0;

-- A client's metadata are sent there: nothing but http(s), and https in production (lib/net).
ALTER TABLE "OAuthClient"
  ADD CONSTRAINT "OAuthClient_registration_endpoint_is_http" CHECK (
    "registrationEndpoint" IS NULL OR "registrationEndpoint" ~* '^https?://'
  );
