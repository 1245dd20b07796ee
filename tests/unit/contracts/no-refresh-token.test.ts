import { describe, expect, test } from "vitest";
import { whyNoRefreshToken } from "@/lib/contracts/connections/no-refresh-token";

const why = (
  requestedScope: string | null,
  {
    grantedScope = null as string | null,
    parameters = {} as Record<string, string>,
    authorizationEndpoint = "https://as.example/authorize",
  } = {},
) =>
  whyNoRefreshToken({
    authorizationEndpoint,
    requestedScope,
    grantedScope,
    extraAuthorizationParameters: parameters,
  });

const consent = { prompt: "consent" };
const google = "https://accounts.google.com/o/oauth2/v2/auth";

describe("a missing refresh token", () => {
  test.each([
    [why("files:read"), "scope_not_requested", "offline_access"],
    [why(null), "scope_not_requested", "offline_access"],
    [why("openid offline_access"), "consent_not_prompted", "prompt=consent"],
    [why("openid,offline_access", { parameters: consent }), "not_issued", "refresh_token"],
    [
      why("a offline_access", { parameters: consent, grantedScope: "a" }),
      "scope_not_granted",
      "did not grant it",
    ],
    [
      why("a offline_access", {
        parameters: { prompt: "login consent" },
        grantedScope: "a offline_access",
      }),
      "not_issued",
      "grant type refresh_token",
    ],
    [
      why("a offline_access", {
        authorizationEndpoint: "https://as.example/authorize?prompt=consent",
      }),
      "not_issued",
      "grant type",
    ],
    [why("drive", { authorizationEndpoint: google }), "parameter_missing", "access_type=offline"],
    [
      why("drive", {
        authorizationEndpoint: google,
        parameters: { access_type: "offline", prompt: "consent" },
      }),
      "not_issued",
      "settings may need",
    ],
    [
      why("User.Read", {
        authorizationEndpoint: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
      }),
      "scope_not_requested",
      "offline_access",
    ],
  ])("%o", ({ reason, words }, expected, part) => {
    expect(reason).toBe(expected);
    expect(words).toContain(part);
    expect(words).not.toMatch(/allows none/);
  });
});
