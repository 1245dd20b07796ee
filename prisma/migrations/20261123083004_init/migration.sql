-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('ADMIN', 'MEMBER');

-- CreateEnum
CREATE TYPE "Transport" AS ENUM ('STREAMABLE_HTTP', 'SSE', 'STDIO');

-- CreateEnum
CREATE TYPE "AuthenticationType" AS ENUM ('NONE', 'HEADERS', 'OAUTH');

-- CreateEnum
CREATE TYPE "TokenSharing" AS ENUM ('SHARED', 'PER_USER');

-- CreateEnum
CREATE TYPE "TokenEndpointAuthMethod" AS ENUM ('CLIENT_SECRET_BASIC', 'CLIENT_SECRET_POST', 'NONE');

-- CreateEnum
CREATE TYPE "PausedToolCallState" AS ENUM ('AWAITING_AUTHORIZATION', 'AWAITING_CONFIRMATION', 'CONFIRMED', 'RUNNING', 'DONE', 'SKIPPED');

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "passwordHash" TEXT,
    "role" "Role" NOT NULL DEFAULT 'MEMBER',
    "disabledAt" TIMESTAMPTZ(3),
    "sessionVersion" INTEGER NOT NULL DEFAULT 1,
    "lastSignInAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Invitation" (
    "id" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" "Role" NOT NULL DEFAULT 'MEMBER',
    "tokenHash" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "acceptedAt" TIMESTAMPTZ(3),
    "invitedById" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Invitation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RateLimit" (
    "key" TEXT NOT NULL,
    "windowStart" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "RateLimit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "McpServer" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "transport" "Transport" NOT NULL,
    "url" TEXT,
    "command" TEXT,
    "args" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "environmentNames" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "environmentSealed" TEXT,
    "headerNames" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "headersSealed" TEXT,
    "authentication" "AuthenticationType" NOT NULL DEFAULT 'NONE',
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "McpServer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OAuthClient" (
    "id" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "clientId" TEXT NOT NULL,
    "clientSecretSealed" TEXT,
    "authorizationEndpoint" TEXT NOT NULL,
    "tokenEndpoint" TEXT NOT NULL,
    "revocationEndpoint" TEXT,
    "issuer" TEXT,
    "tokenEndpointAuthMethod" "TokenEndpointAuthMethod" NOT NULL DEFAULT 'CLIENT_SECRET_BASIC',
    "scope" TEXT,
    "tokenSharing" "TokenSharing" NOT NULL DEFAULT 'SHARED',
    "extraAuthorizationParameters" JSONB NOT NULL DEFAULT '{}',
    "resourceIndicator" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OAuthClient_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ToolCatalogue" (
    "serverId" TEXT NOT NULL,
    "tools" JSONB NOT NULL DEFAULT '[]',
    "serverInfo" JSONB,
    "discovery" JSONB,
    "fetchedAt" TIMESTAMPTZ(3),
    "ttlMs" INTEGER,
    "serverVersion" INTEGER NOT NULL,
    "lastError" TEXT,
    "lastErrorAt" TIMESTAMPTZ(3),

    CONSTRAINT "ToolCatalogue_pkey" PRIMARY KEY ("serverId")
);

-- CreateTable
CREATE TABLE "StoredTokenSet" (
    "id" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "ownerKey" TEXT NOT NULL,
    "userId" TEXT,
    "accessTokenSealed" TEXT NOT NULL,
    "refreshTokenSealed" TEXT,
    "tokenType" TEXT NOT NULL DEFAULT 'Bearer',
    "scope" TEXT,
    "expiresAt" TIMESTAMPTZ(3),
    "obtainedAt" TIMESTAMPTZ(3) NOT NULL,
    "rejectedAt" TIMESTAMPTZ(3),
    "authorizedById" TEXT,
    "lastRefreshedAt" TIMESTAMPTZ(3),
    "lastRefreshError" TEXT,
    "lastRefreshErrorAt" TIMESTAMPTZ(3),
    "refreshFailures" INTEGER NOT NULL DEFAULT 0,
    "nextRefreshAt" TIMESTAMPTZ(3),
    "leaseId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "version" INTEGER NOT NULL DEFAULT 1,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "StoredTokenSet_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuthorizationRequest" (
    "id" TEXT NOT NULL,
    "stateHash" TEXT NOT NULL,
    "browserHash" TEXT NOT NULL,
    "codeVerifierSealed" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "ownerKey" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "redirectUri" TEXT NOT NULL,
    "scope" TEXT,
    "resource" TEXT,
    "returnTo" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "consumedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "AuthorizationRequest_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Assistant" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "instructions" TEXT NOT NULL DEFAULT '',
    "model" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Assistant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AssistantServer" (
    "assistantId" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "allTools" BOOLEAN NOT NULL DEFAULT true,
    "toolNames" TEXT[] DEFAULT ARRAY[]::TEXT[],

    CONSTRAINT "AssistantServer_pkey" PRIMARY KEY ("assistantId","serverId")
);

-- CreateTable
CREATE TABLE "Conversation" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "assistantId" TEXT,
    "title" TEXT NOT NULL,
    "turnId" TEXT,
    "turnUntil" TIMESTAMPTZ(3),
    "stopRequestedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Conversation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Message" (
    "id" TEXT NOT NULL,
    "conversationId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "parts" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Message_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "PausedToolCall" (
    "id" TEXT NOT NULL,
    "conversationId" TEXT NOT NULL,
    "toolCallId" TEXT NOT NULL,
    "serverId" TEXT NOT NULL,
    "toolName" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "state" "PausedToolCallState" NOT NULL DEFAULT 'AWAITING_AUTHORIZATION',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "PausedToolCall_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AuditEvent" (
    "id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "action" TEXT NOT NULL,
    "actorId" TEXT,
    "actorEmail" TEXT,
    "serverId" TEXT,
    "serverName" TEXT,
    "ownerKey" TEXT,
    "ipAddress" TEXT,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SweepRun" (
    "id" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),
    "refreshed" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "deferred" INTEGER NOT NULL DEFAULT 0,
    "remaining" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,

    CONSTRAINT "SweepRun_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "VaultCanary" (
    "id" TEXT NOT NULL,
    "boxSealed" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "VaultCanary_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "User_email_key" ON "User"("email");

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_tokenHash_key" ON "Invitation"("tokenHash");

-- CreateIndex
CREATE INDEX "Invitation_email_idx" ON "Invitation"("email");

-- CreateIndex
CREATE INDEX "Invitation_invitedById_idx" ON "Invitation"("invitedById");

-- CreateIndex
CREATE INDEX "RateLimit_windowStart_idx" ON "RateLimit"("windowStart");

-- CreateIndex
CREATE UNIQUE INDEX "McpServer_name_key" ON "McpServer"("name");

-- CreateIndex
CREATE UNIQUE INDEX "OAuthClient_serverId_key" ON "OAuthClient"("serverId");

-- CreateIndex
CREATE INDEX "StoredTokenSet_userId_idx" ON "StoredTokenSet"("userId");

-- CreateIndex
CREATE INDEX "StoredTokenSet_authorizedById_idx" ON "StoredTokenSet"("authorizedById");

-- CreateIndex
CREATE INDEX "StoredTokenSet_nextRefreshAt_id_idx" ON "StoredTokenSet"("nextRefreshAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "StoredTokenSet_serverId_ownerKey_key" ON "StoredTokenSet"("serverId", "ownerKey");

-- CreateIndex
CREATE UNIQUE INDEX "AuthorizationRequest_stateHash_key" ON "AuthorizationRequest"("stateHash");

-- CreateIndex
CREATE INDEX "AuthorizationRequest_serverId_idx" ON "AuthorizationRequest"("serverId");

-- CreateIndex
CREATE INDEX "AuthorizationRequest_userId_idx" ON "AuthorizationRequest"("userId");

-- CreateIndex
CREATE INDEX "AuthorizationRequest_expiresAt_idx" ON "AuthorizationRequest"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "Assistant_name_key" ON "Assistant"("name");

-- CreateIndex
CREATE INDEX "AssistantServer_serverId_idx" ON "AssistantServer"("serverId");

-- CreateIndex
CREATE INDEX "Conversation_userId_updatedAt_idx" ON "Conversation"("userId", "updatedAt");

-- CreateIndex
CREATE INDEX "Conversation_assistantId_idx" ON "Conversation"("assistantId");

-- CreateIndex
CREATE UNIQUE INDEX "Message_conversationId_position_key" ON "Message"("conversationId", "position");

-- CreateIndex
CREATE INDEX "PausedToolCall_serverId_idx" ON "PausedToolCall"("serverId");

-- CreateIndex
CREATE UNIQUE INDEX "PausedToolCall_conversationId_toolCallId_key" ON "PausedToolCall"("conversationId", "toolCallId");

-- CreateIndex
CREATE INDEX "AuditEvent_at_idx" ON "AuditEvent"("at");

-- CreateIndex
CREATE INDEX "AuditEvent_serverId_at_idx" ON "AuditEvent"("serverId", "at");

-- CreateIndex
CREATE INDEX "AuditEvent_actorId_at_idx" ON "AuditEvent"("actorId", "at");

-- CreateIndex
CREATE INDEX "SweepRun_startedAt_idx" ON "SweepRun"("startedAt");

-- AddForeignKey
ALTER TABLE "Invitation" ADD CONSTRAINT "Invitation_invitedById_fkey" FOREIGN KEY ("invitedById") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OAuthClient" ADD CONSTRAINT "OAuthClient_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ToolCatalogue" ADD CONSTRAINT "ToolCatalogue_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StoredTokenSet" ADD CONSTRAINT "StoredTokenSet_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StoredTokenSet" ADD CONSTRAINT "StoredTokenSet_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "StoredTokenSet" ADD CONSTRAINT "StoredTokenSet_authorizedById_fkey" FOREIGN KEY ("authorizedById") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AuthorizationRequest" ADD CONSTRAINT "AuthorizationRequest_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AuthorizationRequest" ADD CONSTRAINT "AuthorizationRequest_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AssistantServer" ADD CONSTRAINT "AssistantServer_assistantId_fkey" FOREIGN KEY ("assistantId") REFERENCES "Assistant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AssistantServer" ADD CONSTRAINT "AssistantServer_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Conversation" ADD CONSTRAINT "Conversation_assistantId_fkey" FOREIGN KEY ("assistantId") REFERENCES "Assistant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Message" ADD CONSTRAINT "Message_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PausedToolCall" ADD CONSTRAINT "PausedToolCall_conversationId_fkey" FOREIGN KEY ("conversationId") REFERENCES "Conversation"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PausedToolCall" ADD CONSTRAINT "PausedToolCall_serverId_fkey" FOREIGN KEY ("serverId") REFERENCES "McpServer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What schema.prisma cannot say. `npm run db:new-migration -- init --replace` puts this after the
-- generated part of the first migration; once that is released, a change here is a migration of its own.

-- Only a sealed box (lib/vault) fits: v1.<keyId>.<salt>.<iv>.<ciphertext+tag>. A secret in plain does not.
ALTER TABLE "McpServer"
  ADD CONSTRAINT "McpServer_environmentSealed_is_sealed" CHECK ("environmentSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "McpServer_headersSealed_is_sealed" CHECK ("headersSealed" ~ '^v1(\.[^.]+){4}$');
ALTER TABLE "OAuthClient"
  ADD CONSTRAINT "OAuthClient_clientSecretSealed_is_sealed" CHECK ("clientSecretSealed" ~ '^v1(\.[^.]+){4}$');
ALTER TABLE "StoredTokenSet"
  ADD CONSTRAINT "StoredTokenSet_accessTokenSealed_is_sealed" CHECK ("accessTokenSealed" ~ '^v1(\.[^.]+){4}$'),
  ADD CONSTRAINT "StoredTokenSet_refreshTokenSealed_is_sealed" CHECK ("refreshTokenSealed" ~ '^v1(\.[^.]+){4}$');
ALTER TABLE "AuthorizationRequest"
  ADD CONSTRAINT "AuthorizationRequest_codeVerifierSealed_is_sealed" CHECK ("codeVerifierSealed" ~ '^v1(\.[^.]+){4}$');
ALTER TABLE "VaultCanary"
  ADD CONSTRAINT "VaultCanary_boxSealed_is_sealed" CHECK ("boxSealed" ~ '^v1(\.[^.]+){4}$');

-- A transport has what it connects with; stdio has no header that could carry a bearer token.
ALTER TABLE "McpServer"
  ADD CONSTRAINT "McpServer_transport_has_its_address" CHECK (
    CASE "transport" WHEN 'STDIO' THEN "command" IS NOT NULL ELSE "url" IS NOT NULL END
  ),
  ADD CONSTRAINT "McpServer_stdio_without_oauth" CHECK ("transport" <> 'STDIO' OR "authentication" <> 'OAUTH'),
  ADD CONSTRAINT "McpServer_url_is_http" CHECK ("url" ~* '^https?://');

-- A browser is sent to the first, secrets to the others: nothing but http(s), and https in production (lib/net).
ALTER TABLE "OAuthClient"
  ADD CONSTRAINT "OAuthClient_endpoints_are_http" CHECK (
    "authorizationEndpoint" ~* '^https?://'
    AND "tokenEndpoint" ~* '^https?://'
    AND ("revocationEndpoint" IS NULL OR "revocationEndpoint" ~* '^https?://')
  );

-- A token belongs to everybody or to exactly the person it is stored for.
ALTER TABLE "StoredTokenSet"
  ADD CONSTRAINT "StoredTokenSet_owner" CHECK (
    CASE WHEN "ownerKey" = 'shared' THEN "userId" IS NULL ELSE "userId" IS NOT NULL AND "userId" = "ownerKey" END
  );
ALTER TABLE "AuthorizationRequest"
  ADD CONSTRAINT "AuthorizationRequest_owner" CHECK ("ownerKey" IN ('shared', "userId"));

CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'AuditEvent is append-only: % is refused', TG_OP;
END;
$$;
CREATE TRIGGER "AuditEvent_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEvent"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();
