import { describe, expect, test } from "vitest";
import { classifyRefusal } from "@/lib/oauth/refusal";
import { processorMs } from "@/tests/support/processor-time";

const verdict = (
  status: number,
  error: string | null = null,
  said: string | null = null,
  isWebPage = false,
) => classifyRefusal({ status, error, said, isWebPage }).verdict;

describe("a token endpoint that refuses a refresh", () => {
  test.each<[number, string | null, string | null]>([
    [400, "invalid_grant", null],
    [401, "invalid_grant", null],
    [400, "INVALID_GRANT", null],
    [200, "bad_refresh_token", null],
    [200, "invalid_refresh_token", null],
    [200, "token_revoked", null],
    [200, "token_expired", null],
    [200, "account_inactive", null],
    [400, "interaction_required", null],
    [400, "BAD_REFRESH_TOKEN", null],
    [400, "RefreshTokenExpired", null],
    [401, "refresh-token-reused", null],
    [401, "invalid_token", null],
    [401, "invalid_request", "Token has been revoked"],
    [400, "invalid_request", "Refresh token not found"],
    // raycast/extensions#11836, openai/codex#27165
    [403, "unauthorized_client", "refresh_token is invalid"],
    [400, "access_denied", "The refresh token has already been used."],
    [404, null, "Refresh token does not exist"],
    [400, null, "The provided refresh token is invalid, expired or revoked"],
    [400, "invalid_request", "Unknown or expired refresh token"],
    [403, "access_denied", "The user has revoked access"],
    [401, "unauthorized", "Session not active"],
    [401, null, "User account is disabled"],
    [422, "unprocessable", "This grant was withdrawn"],
    [410, null, "oauth token was deleted"],
    // @jmondi/oauth2-server after a change of its key
    [400, "invalid_request", "Cannot verify the refresh token"],
    [400, "invalid_request", "Cannot decrypt the refresh token"],
    [400, "invalid_request", "Token is not linked to client"],
    [401, null, "Unable to validate refresh token"],
    [400, "bad_request", "The refresh token could not be decrypted."],
    [403, "forbidden", "refresh token was not issued to this client"],
    [400, null, "Refresh token does not match"],
    [400, "invalid_request", "The token was issued to another client"],
    // ccpgames/sso-issues#54
    [400, "invalid_grant: Token is expired or invalid.", "Token is expired or invalid."],
    // An identifier between the token and its end
    [400, "invalid_request", "Refresh token '4f0c-11aa' not found"],
    [401, null, "refresh_token 0a1b2c3d4e5f has expired"],
    [400, "invalid_request", 'The "refresh_token" was revoked'],
    [409, "invalid_request", "Refresh token already used"],
    // supaglue-labs/supaglue#1935: HubSpot says so of a token that was sent
    [400, "BAD_REFRESH_TOKEN", "missing or invalid refresh token"],
    [400, null, "Invalid or missing refresh token"],
    [400, null, "missing, invalid or expired refresh token"],
    // A text that asks a person to try again is no outage
    [400, "invalid_grant", "Session expired. Please sign in and try again."],
    [400, "invalid_grant", "The refresh token is invalid. Please try again by logging in."],
    [400, "invalid_grant", "Please log in again and retry."],
    [400, "invalid_grant", "Session timed out"],
    [400, "invalid_grant", "Token has expired due to idle timeout"],
    [400, "invalid_grant", "Revoked, as too many refresh tokens were issued"],
    // calcom/cal.diy#11508
    [400, "unauthorized", "inactive organization"],
    [403, "user_banned", "User is banned"],
    [403, "access_denied", "user is blocked"],
    [400, "invalid_request", "User does not exist"],
    [401, "session_not_found", null],
    [200, null, "The refresh token passed has expired. Please generate a new one."],
    [400, "com.amazonaws.ssooidc#InvalidGrantException", null],
    ...[
      ...["Refresh token mismatch", "No such refresh token", "No matching refresh token"],
      ...["No refresh token found", "Refresh token belongs to a different client"],
      ...["Refresh token was already rotated", "Refresh token superseded by a newer one"],
      ...["This refresh token has been replaced", "Refresh token replay detected"],
      ...["Token family revoked", "Refresh token is too old", "Refresh token lifetime exceeded"],
      ...["Refresh token has exceeded its maximum lifetime", "Refresh token is not usable"],
      ...[
        "Refresh token was rejected",
        "Refresh token failed validation",
        "Incorrect refresh token",
      ],
      ...[
        "Refresh token signature is invalid",
        "Refresh token is corrupted",
        "Wrong refresh token",
      ],
      ...["Nonexistent refresh token", "Your refresh token has lapsed"],
      ...["The 'refresh_token' parameter is invalid", "Invalid parameter: refresh_token"],
      ...["Invalid value for parameter refresh_token"],
      ...["The app has been uninstalled", "App is not installed in this account"],
      ...["The account has uninstalled this app", "Please re-authorize the application"],
      ...["The user must reconnect", "Please log in again"],
    ].map((words) => [400, "invalid_request", words] as [number, string, string]),
    [401, "reauthentication_required", null],
  ])("with %i %s “%s” has ended the grant", (status, error, said) => {
    expect(verdict(status, error, said)).toBe("grant_ended");
  });

  test.each<[number, string | null, string | null]>([
    [400, "invalid_client", null],
    [401, "invalid_client", "Client secret has expired"],
    [401, "invalid_client", "Unknown client"],
    [200, "incorrect_client_credentials", null],
    [400, "unauthorized_client", "Client credentials have expired"],
    [400, "invalid_request", "The client_secret is no longer valid"],
    [401, null, "Unknown OAuth client"],
    [403, "access_denied", "Application was disabled"],
    [401, "unauthorized", "Invalid client credentials"],
    [404, null, "Client ID not found"],
    // PrefectHQ/fastmcp#2027
    [400, "invalid_request", "Client ID 'c24c4da9-cc66-4c69-8f02-03c803ff1e4e' not found"],
    [400, "unauthorized_client", "AADSTS700016: Application with identifier 'x' was not found"],
    [401, null, "The client is not registered"],
    [400, "invalid_request", "Could not find OAuth client"],
    [401, null, "This client has been deactivated"],
    // cloudfoundry/uaa#2575, yangxiufeng666/Micro-Service-Skeleton#13
    [401, "unauthorized", "Bad credentials"],
    [401, "unauthorized", "Client authentication failed"],
    [401, "unauthorized_credentials", "Unauthorized credentials."],
    [200, "application_suspended", "Your application has been suspended."],
    [400, "NotAuthorizedException", "Unable to verify secret hash for client abc"],
    [400, null, "InvalidClientException"],
  ])("with %i %s “%s” refuses the client", (status, error, said) => {
    expect(verdict(status, error, said)).toBe("client_refused");
  });

  test.each<[number, string | null, string | null]>([
    [400, null, null],
    [401, null, null],
    [403, null, null],
    [404, null, null],
    [400, "invalid_request", null],
    [400, "invalid_request", "The token request is invalid."],
    [400, "invalid_request", "Invalid token request"],
    [400, "invalid_request", "Missing required parameter: refresh_token"],
    [400, "invalid_request", "refresh_token is required and was not provided"],
    [400, "invalid_scope", null],
    [400, null, "Invalid grant_type"],
    [400, "unsupported_grant_type", "unsupported grant type"],
    [401, null, "Invalid authorization header"],
    [403, null, "Invalid CSRF token"],
    [401, "unauthorized_client", null],
    [422, "validation_error", "Something is off"],
    [400, "invalid_request", "client_id is required"],
    [400, "invalid_request", "Cannot parse the token request"],
    [400, "invalid_request", "Could not find token endpoint handler"],
    [400, null, "Token type does not match"],
    [400, "unauthorized_client", "The client may not use this grant type"],
    // metabase/metabase#80389
    [400, "invalid_request", "The token request is invalid."],
    // InsForge/insforge-mcp#104
    [400, "unsupported_grant_type", "refresh_token is not supported"],
    // anthropics/claude-code#73460, modelcontextprotocol/csharp-sdk#741: codes of Entra that mislead
    [
      400,
      "invalid_client",
      "AADSTS650053: The application asked for scope 'mcp.read' that doesn't exist on the resource",
    ],
    [400, "invalid_request", "AADSTS901002: The 'resource' request parameter is not supported."],
    [400, "invalid_client", "Client is not allowed the requested scope: scope x is not allowed"],
    [400, "invalid_request", "The client has not registered this redirect URI"],
    // UsefulSoftwareCo/executor#1982
    [400, "invalid_scope", "refresh token missing requested scope"],
    // demisto/content-docs#1301: ServiceNow, of a token that it does not accept
    [401, "server_error", "access_denied"],
    [403, null, "Unknown user agent"],
    [403, null, "Access blocked"],
    [401, "unauthorized", "Invalid user credentials"],
    [401, null, "No access token found in the request"],
    [400, "invalid_request", "Wrong token type"],
    [400, null, "Refresh token format is invalid"],
    [401, null, "Could not validate credentials"],
    [403, null, "Your plan has expired"],
    [403, null, "The trial expired for this account"],
    [400, null, "Failed to refresh token"],
    [400, null, "Token exchange failed"],
  ])("with %i %s “%s” does not say why", (status, error, said) => {
    expect(verdict(status, error, said)).toBe("refused");
  });

  test.each<[number, string | null, string | null]>([
    [429, "invalid_grant", "Refresh token is invalid"],
    [500, "invalid_grant", "Refresh token is invalid"],
    [503, null, null],
    [408, null, null],
    [425, null, null],
    [400, "temporarily_unavailable", null],
    [403, null, "API rate limit exceeded for this app"],
    [200, "ratelimited", null],
    [400, "server_error", "Internal error, try again"],
    [400, "invalid_request", "Too many requests with this token"],
    [200, null, null],
    [302, null, null],
    // Box, while another request for the same token is under way
    [409, null, null],
    [409, "conflict", "Request in progress"],
    [423, null, "Locked"],
    // PostHog/posthog#66872, forcedotcom/SalesforceMobileSDK-iOS#3731
    [400, "invalid_grant", "token request is already being processed"],
    // amazon-connect/amazon-connect-salesforce-lambda#43
    [400, "unknown_error", "retry your request"],
    [400, "invalid_grant", "AADSTS90033: A transient error has occurred. Please try again."],
    [400, "invalid_grant", "Concurrent refresh detected, retry later"],
    [400, "invalid_request", "Refresh already in progress"],
    [400, "over_request_rate_limit", null],
    [400, "internal_failure", null],
    [200, "fatal_error", null],
    [200, "accesslimited", null],
    [400, "upstream_error", "Bad gateway"],
    [400, null, "Identity provider is unreachable"],
    [400, null, "connect ECONNREFUSED 10.0.0.1:5432"],
    [400, null, "Failed to reconnect: connection refused"],
  ])("with %i %s “%s” has an outage, which says nothing about the token", (status, error, said) => {
    expect(verdict(status, error, said)).toBe("outage");
  });

  test.each([401, 403, 404, 406, 451])(
    "with a firewall's page (%i) says nothing about it either",
    (status) => {
      expect(verdict(status, null, "Just a moment...", true)).toBe("outage");
      expect(verdict(status, null, "Access denied", true)).toBe("outage");
    },
  );

  test("is believed if a page names the token, and with status 400", () => {
    expect(verdict(403, null, "Refresh token revoked", true)).toBe("grant_ended");
    expect(verdict(400, null, "Bad Request", true)).toBe("refused");
  });

  test("handles text crafted to be slow quickly", () => {
    const ms = processorMs(() => {
      for (const part of ["token is ", "invalid or ", "the refresh token ", "a ", "-"]) {
        verdict(400, "invalid_request", part.repeat(100_000));
      }
    });
    expect(ms).toBeLessThan(500);
  });
});
