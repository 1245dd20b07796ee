import { describe, expect, test } from "vitest";
import { ProviderError } from "@/lib/errors";
import { readTokenResponse } from "@/lib/oauth/token-response";

const obtainedAt = new Date("2026-03-01T12:00:00Z");
const inAnHour = new Date("2026-03-01T13:00:00Z");
/** In seconds. */
const epoch = inAnHour.getTime() / 1000;

function read(body: unknown, status = 200) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const answer = { host: "as.example", field: "Token URL", status, body: text } as const;
  return readTokenResponse({ ...answer, retryAfterMs: () => null, secrets: [] }, obtainedAt);
}

const usual = { accessToken: "at", refreshToken: "rt", expiresAt: inAnHour };
const tokens = { access_token: "at", refresh_token: "rt", expires_in: 3600 };

describe("tokens are found", () => {
  test.each<[string, unknown]>([
    ["in camel case", { accessToken: "at", refreshToken: "rt", expiresIn: 3600 }],
    ["as DingTalk names them", { accessToken: "at", refreshToken: "rt", expireIn: 3600 }],
    ["in Pascal case", { AccessToken: "at", RefreshToken: "rt", ExpiresIn: 3600 }],
    ["in capitals", { ACCESS_TOKEN: "at", REFRESH_TOKEN: "rt", EXPIRES_IN: "3600" }],
    // calcom/cal.diy#27442
    [
      "in camel case, inside data",
      {
        status: "success",
        data: { accessToken: "at", refreshToken: "rt", accessTokenExpiresAt: epoch * 1000 },
      },
    ],
    // better-auth/better-auth#10340
    ["inside Withings' body", { status: 0, body: { userid: "1", ...tokens } }],
    ["two levels deep", { response: { tokens } }],
    ["in a list inside data", { data: [tokens] }],
    // watchforstock/evohome-client#57
    ["in a list", [tokens]],
    ["in JSON inside JSON", JSON.stringify(JSON.stringify(tokens))],
    [
      "after PHP's warnings",
      `<br />\n<b>Deprecated</b>: x in /y.php on line 3<br />\n${JSON.stringify(tokens)}`,
    ],
    ["after a line of a log", `Warning: foo() in /x.php on line 1\n${JSON.stringify(tokens)}`],
    ["in a callback", `callback(${JSON.stringify(tokens)});`],
    ["after a guard", `)]}'\n${JSON.stringify(tokens)}`],
    ["before a comment", `${JSON.stringify(tokens)}\n<!-- 0.1 s -->`],
    ["before a comma", '{"access_token":"at","refresh_token":"rt","expires_in":3600,}'],
    ["before a null character", `${JSON.stringify(tokens)}\0`],
    ["in a form with a question mark", "?access_token=at&refresh_token=rt&expires_in=3600"],
    ["in a form with spaces", "access_token=at&scope=a b&refresh_token=rt&expires_in=3600"],
    ["with white space around", { ...tokens, access_token: "at\n", refresh_token: " rt " }],
    ["with the scheme", { ...tokens, access_token: "Bearer at" }],
    ["beside an empty error", { ...tokens, error: {}, errors: [] }],
  ])("%s", (_, body) => {
    expect(read(body)).toMatchObject(usual);
  });

  test.each<[string, unknown]>([
    ["in a page's script", `<!doctype html><script>a=${JSON.stringify(tokens)}</script>`],
    ["of two accounts", { bot: tokens, app: { access_token: "other" } }],
    ["in two objects", `${JSON.stringify(tokens)}\n{"access_token":"other"}`],
    ["as the word null", { access_token: "null" }],
    // zitadel/oidc#932
    ["as an empty text", { access_token: "", token_type: "", scope: "openid" }],
  ])("not %s", (_, body) => {
    expect(() => read(body)).toThrow(ProviderError);
  });

  test("without a refresh token that is the word null", () => {
    expect(read({ ...tokens, refresh_token: "null" }).refreshToken).toBeNull();
  });

  test("with the account beside them", () => {
    const claims = { iss: "https://as.example", aud: "usher", email: "ada@example.com" };
    const id_token = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;
    const { toldAccount } = read({ data: { ...tokens, id_token } });
    const told = toldAccount({ issuer: "https://as.example", clientId: "usher" });
    expect(told.account).toEqual({ name: "ada@example.com", source: "id_token" });
  });
});

describe("an access token's end", () => {
  test.each<[string, Record<string, unknown>]>([
    // Weble/ZohoClient#11: expires_in is in milliseconds
    ["as Zoho has it", { expires_in_sec: 3600, expires_in: 3_600_000 }],
    ["as expires, a lifetime", { expires: 3600 }],
    ["as expires, a date", { expires: "Sun, 01 Mar 2026 13:00:00 GMT" }],
    ["as .expires", { ".expires": "Sun, 01 Mar 2026 13:00:00 GMT" }],
    ["as expiry", { expiry: "2026-03-01T13:00:00Z" }],
    ["as expiration", { expiration: epoch }],
    ["as access_token_expires_in", { access_token_expires_in: 3600 }],
    // pagopa/pdnd-interop-frontend#1138
    ["as expires_in, a moment", { expires_in: epoch }],
    ["as expires_in, a moment in milliseconds", { expires_in: epoch * 1000 }],
    ["as expires_in, a date", { expires_in: "2026-03-01T13:00:00Z" }],
    ["with a unit", { expires_in: "1h" }],
    ["with a long unit", { expires_in: "60 minutes" }],
    ["as an ISO 8601 duration", { expires_in: "PT1H" }],
    ["in groups", { expires_in: "3,600" }],
    ["with a sign", { expires_in: "+3600" }],
    ["with an exponent", { expires_in: "3.6e3" }],
    ["without a zone", { expires_at: "2026-03-01 13:00:00" }],
    ["without a zone, in the other form", { expires_at: "2026-03-01T13:00:00" }],
    ["with a zone", { expires_at: "2026-03-01T15:00:00+02:00" }],
  ])("is read %s", (_, told) => {
    expect(read({ access_token: "at", ...told }).expiresAt).toEqual(inAnHour);
  });

  test.each([-1, "never", "-1", "0s", "PT", "P", "1 fortnight"])(
    "is unknown if it is %j",
    (expires_in) => {
      expect(read({ access_token: "at", expires_in }).expiresAt).toBeNull();
    },
  );
});

describe("a refresh token's end", () => {
  test.each<[string, Record<string, unknown>]>([
    ["as Intuit has it", { x_refresh_token_expires_in: 3600 }],
    ["as a moment", { refresh_token_expires_at: epoch }],
    ["as a date", { refresh_token_expires_at: "2026-03-01T13:00:00Z" }],
    ["as refresh_expires_at", { refresh_expires_at: epoch }],
    ["as a moment in place of a lifetime", { refresh_token_expires_in: epoch }],
  ])("is read %s", (_, told) => {
    expect(read({ ...tokens, ...told }).refreshTokenExpiresAt).toEqual(inAnHour);
  });
});

describe("a bearer token", () => {
  // MicrosoftDocs/azure-devops-docs#810
  test.each([
    "jwt-bearer",
    "JWT",
    "access_token",
    "bearer_token",
    " Bearer ",
    "urn:ietf:params:oauth:token-type:access_token",
  ])("may be called %j", (token_type) => {
    expect(read({ ...tokens, token_type }).tokenType).toBe("Bearer");
  });

  test.each(["token", "oauth2", "pop", "basic"])("is not what %j may be", (token_type) => {
    expect(() => read({ ...tokens, token_type })).toThrow(/bearer tokens only/);
  });
});

describe("scopes", () => {
  test.each<[string, Record<string, unknown>]>([
    ["as scopes", { scopes: ["a", "b"] }],
    ["with commas and spaces", { scope: "a, b" }],
    ["as JSON in a text", { scope: '["a","b"]' }],
    ["encoded once too often", { scope: "a%20b" }],
  ])("are read %s", (_, told) => {
    expect(read({ ...tokens, ...told }).scope).toBe("a b");
  });
});
