-- A migration of its own: values that were added to an enum can be used only after that is committed.

-- Where no browser is sent anywhere, there may be no Authorization URL.
ALTER TABLE "OAuthClient"
  DROP CONSTRAINT "OAuthClient_endpoints_are_http",
  ADD CONSTRAINT "OAuthClient_endpoints_are_http" CHECK (
    ("authorizationEndpoint" ~* '^https?://' OR ("grantType" <> 'AUTHORIZATION_CODE' AND "authorizationEndpoint" = ''))
    AND "tokenEndpoint" ~* '^https?://'
    AND ("revocationEndpoint" IS NULL OR "revocationEndpoint" ~* '^https?://')
  ),
  -- A client's own account is the team's; what a sign-in grants is that person's.
  DROP CONSTRAINT "OAuthClient_client_credentials_are_shared",
  ADD CONSTRAINT "OAuthClient_grant_type_fits_sharing" CHECK (
    CASE "grantType"
      WHEN 'AUTHORIZATION_CODE' THEN "tokenSharing" <> 'ORGANIZATION'
      WHEN 'CLIENT_CREDENTIALS' THEN "tokenSharing" = 'SHARED'
      ELSE "tokenSharing" = 'ORGANIZATION'
    END);

ALTER TABLE "McpServer"
  ADD CONSTRAINT "McpServer_header_sharing" CHECK ("headerSharing" <> 'ORGANIZATION');
