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

-- A token belongs to everybody or to exactly the person it is stored for. A person's further accounts have an id.
ALTER TABLE "StoredTokenSet"
  ADD CONSTRAINT "StoredTokenSet_owner" CHECK (
    CASE WHEN "ownerKey" = 'shared' THEN "userId" IS NULL
    ELSE "userId" IS NOT NULL AND split_part("ownerKey", ':', 1) = "userId"
      AND "ownerKey" ~ '^[^:]+(:[0-9a-f]{12})?$' END
  );
ALTER TABLE "AuthorizationRequest"
  ADD CONSTRAINT "AuthorizationRequest_owner" CHECK (
    "ownerKey" = 'shared'
    OR (split_part("ownerKey", ':', 1) = "userId" AND "ownerKey" ~ '^[^:]+(:[0-9a-f]{12})?$')
  );

CREATE FUNCTION "refuse_audit_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'AuditEvent is append-only: % is refused', TG_OP;
END;
$$;
CREATE TRIGGER "AuditEvent_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "AuditEvent"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_audit_change"();
