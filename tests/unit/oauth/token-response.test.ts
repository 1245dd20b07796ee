import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ProviderError } from "@/lib/errors";
import type { ProviderAnswer } from "@/lib/oauth/error-response";
import { readTokenResponse } from "@/lib/oauth/token-response";

const obtainedAt = new Date("2026-03-01T12:00:00Z");

function answer(body: unknown, rest: Partial<ProviderAnswer> = {}): ProviderAnswer {
  return {
    host: "as.example",
    field: "Token URL",
    status: 200,
    body: typeof body === "string" ? body : JSON.stringify(body),
    retryAfterMs: () => null,
    secrets: [],
    ...rest,
  };
}

const read = (body: unknown, rest?: Partial<ProviderAnswer>) =>
  readTokenResponse(answer(body, rest), obtainedAt);

function errorOf(body: unknown, rest?: Partial<ProviderAnswer>): ProviderError {
  try {
    read(body, rest);
  } catch (error) {
    if (error instanceof ProviderError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

function jwt(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(claims)}.c2ln`;
}

describe("a token response", () => {
  test("is read as specified in RFC 6749 §5.1, counting from its arrival", () => {
    const body = {
      access_token: "at",
      token_type: "Bearer",
      expires_in: 3600,
      refresh_token: "rt",
      scope: "read  write",
      extra: { ignored: true },
    };
    expect(read(body)).toEqual({
      accessToken: "at",
      refreshToken: "rt",
      tokenType: "Bearer",
      scope: "read write",
      expiresAt: new Date("2026-03-01T13:00:00Z"),
      obtainedAt,
      toldAccount: expect.any(Function),
    });
  });

  test("may omit everything but the access token", () => {
    expect(read({ access_token: "at" })).toEqual({
      accessToken: "at",
      refreshToken: null,
      tokenType: "Bearer",
      scope: null,
      expiresAt: null,
      obtainedAt,
      toldAccount: expect.any(Function),
    });
  });

  test.each([
    [{ refresh_token_expires_in: 86_400 }, 86_400],
    [{ refresh_expires_in: "1800" }, 1800],
    [{ refresh_token_expires_in: 60, refresh_expires_in: 1800 }, 60],
    [{ refresh_expires_in: 0 }, undefined],
    [{ refresh_token_expires_in: -1 }, undefined],
    [{ refresh_token_expires_in: "soon" }, undefined],
    [{ refresh_token_expires_in: 1e12 }, undefined],
    [{}, undefined],
  ])("says when the refresh token expires, if it gives a plausible time: %j", (told, seconds) => {
    const { refreshTokenExpiresAt } = read({ access_token: "at", refresh_token: "rt", ...told });
    const lifetime = refreshTokenExpiresAt?.getTime();
    expect(lifetime).toBe(seconds && obtainedAt.getTime() + seconds * 1000);
  });

  test("may be form-encoded, have a byte order mark, or be surrounded by blank lines", () => {
    const form = "access_token=gho_a%2Bb&expires_in=28800&scope=repo%2Cgist&token_type=bearer";
    expect(read(form)).toMatchObject({
      accessToken: "gho_a+b",
      scope: "repo gist",
      expiresAt: new Date("2026-03-01T20:00:00Z"),
    });
    expect(read(`\ufeff\n {"access_token":"at"}\r\n`).accessToken).toBe("at");
  });

  test("may be Slack's: the user's token alone, or alongside the bot's", () => {
    const user = { id: "U1", access_token: "xoxp-1", token_type: "user", scope: "chat:write" };
    expect(read({ ok: true, authed_user: user })).toMatchObject({
      accessToken: "xoxp-1",
      tokenType: "Bearer",
      scope: "chat:write",
    });
    const both = { ok: true, access_token: "xoxb-1", token_type: "bot", authed_user: user };
    expect(read(both).accessToken).toBe("xoxb-1");
    const rotated = {
      ok: true,
      authed_user: { ...user, refresh_token: "xoxe-1", expires_in: 43200 },
    };
    expect(read(rotated)).toMatchObject({
      refreshToken: "xoxe-1",
      expiresAt: new Date("2026-03-02T00:00:00Z"),
    });
  });

  // redhat-data-and-ai/template-agent#265
  test.each([
    ["chat:write,search:read", "chat:write search:read"],
    ["repo:x:pull,push other", "repo:x:pull,push other"],
    [",", null],
  ])("may separate its scopes by commas: %s", (scope, granted) => {
    expect(read({ access_token: "at", scope }).scope).toBe(granted);
  });

  test("may list its scopes", () => {
    expect(read({ access_token: "at", scope: ["a", "b", 3] }).scope).toBe("a b");
    expect(read({ access_token: "at", scope: "" }).scope).toBeNull();
    expect(read({ access_token: "at", scope: null }).scope).toBeNull();
  });

  describe("expires_in", () => {
    test.each<[unknown, number | null]>([
      [3600, 3600],
      ["3600", 3600],
      [" 3600 ", 3600],
      ["3600.0", 3600],
      [1.5, 1.5],
      [1, 1],
      [315_360_000, 315_360_000],
      [0, null],
      ["0", null],
      [-1, null],
      [315_360_001, null],
      [1_577_836_800, null],
      [1e308, null],
      ["1e999", null],
      ["", null],
      ["an hour", null],
      [null, null],
      [true, null],
      [[3600], null],
      [{ seconds: 3600 }, null],
    ])("of %j is a lifetime of %s seconds", (expires_in, seconds) => {
      expect(read({ access_token: "at", expires_in }).expiresAt).toEqual(
        seconds === null ? null : new Date(obtainedAt.getTime() + seconds * 1000),
      );
    });

    test.each([undefined, 0, "nonsense"])(
      "of %j falls back to a JWT's own lifetime, measured only by the server's clock",
      (expires_in) => {
        for (const skew of [-600, 0, 600, 1e6]) {
          const iat = obtainedAt.getTime() / 1000 + skew;
          const access_token = jwt({ iat, exp: iat + 900 });
          expect(read({ access_token, expires_in }).expiresAt).toEqual(
            new Date("2026-03-01T12:15:00Z"),
          );
        }
      },
    );

    test.each([
      jwt({ exp: 1_772_370_000 }),
      jwt({ iat: 5, exp: 5 }),
      jwt({ iat: 9, exp: 5 }),
      jwt({ iat: "1", exp: "901" }),
      jwt({ iat: 0, exp: 1e300 }),
      "a.b.c",
      "a.bnVsbA.c",
      "a.W10.c",
      "..",
    ])("is unknown for a token like %s", (access_token) => {
      expect(read({ access_token }).expiresAt).toBeNull();
    });
  });

  describe("token_type", () => {
    test.each(["Bearer", "bearer", "BEARER", "", null, undefined, 7])("may be %j", (token_type) => {
      expect(read({ access_token: "at", token_type }).tokenType).toBe("Bearer");
    });

    test.each(["DPoP", "mac", "N_A", "user"])(
      "may not be %j, and the error says so",
      (token_type) => {
        const { userMessage } = errorOf({ access_token: "at", token_type });
        expect(userMessage).toContain(`“${token_type.toLowerCase()}”`);
        expect(userMessage).toContain("bearer tokens only");
      },
    );
  });

  test.each([undefined, null, "", 5, {}, "with space", "line\nbreak", "ключ", "a\u0000"])(
    "with the access token %j is rejected",
    (access_token) => {
      expect(errorOf({ access_token, token_type: "Bearer" }).userMessage).toContain("access token");
    },
  );

  test("with a refresh token that no one could send back has none", () => {
    for (const refresh_token of ["", null, 5, "\ud800", "a\nb"]) {
      expect(read({ access_token: "at", refresh_token }).refreshToken).toBeNull();
    }
  });
});

describe("an error", () => {
  test.each<[string, unknown, number, string | null]>([
    ["RFC 6749", { error: "invalid_grant", error_description: "Gone" }, 400, "invalid_grant"],
    [
      "GitHub, with status 200",
      { error: "bad_refresh_token", error_description: "Gone" },
      200,
      "bad_refresh_token",
    ],
    [
      "GitHub, form-encoded",
      "error=bad_verification_code&error_description=Gone",
      200,
      "bad_verification_code",
    ],
    ["Slack", { ok: false, error: "invalid_refresh_token" }, 200, "invalid_refresh_token"],
    ["Slack, unnamed", { ok: false }, 200, null],
    ["HubSpot", { status: "BAD_REFRESH_TOKEN", message: "Gone" }, 400, "bad_refresh_token"],
    ["HubSpot, now", { error: "invalid_grant", status: "BAD_REFRESH_TOKEN" }, 400, "invalid_grant"],
    [
      "Notion",
      { object: "error", status: 400, code: "validation_error", message: "No" },
      400,
      "validation_error",
    ],
    [
      "Facebook",
      { error: { message: "No", type: "OAuthException", code: 190 } },
      400,
      "OAuthException",
    ],
    ["a status 401 that grants", { access_token: "at" }, 401, null],
    ["a grant with an error", { access_token: "at", error: "invalid_scope" }, 200, "invalid_scope"],
  ])("in the form of %s is an error", (_, body, status, code) => {
    const error = errorOf(body, { status });
    expect([error.error, error.status]).toEqual([code, status]);
    expect(error.userMessage).toContain("as.example ");
  });

  test.each<[unknown, number, string]>([
    [{ error: "invalid_grant" }, 400, "Authorize again."],
    [{ error: "invalid_client" }, 401, "client ID or client secret"],
    [{ error: "incorrect_client_credentials" }, 200, "client ID or client secret"],
    [{ error: "invalid_scope" }, 400, "check the scopes"],
    [{ error: "invalid_target" }, 400, "resource indicator"],
    [{ error: "redirect_uri_mismatch" }, 200, "callback URL"],
    [
      {
        error: "invalid_request",
        error_description: "AADSTS901002: The 'resource' request parameter is not supported.",
      },
      400,
      "turn the resource indicator off",
    ],
    // node-webot/co-wechat-api#99: a refusal in fields of its own, with 200
    [{ errcode: 42001, errmsg: "refresh_token expired" }, 200, "Authorize again."],
    [{ code: 20026, msg: "Too many requests" }, 200, "temporary problem"],
    [{ code: 0, msg: "success" }, 200, "sent no access token"],
    [{ error: "slow_down" }, 429, "too many requests"],
    [{ error: "invalid_grant" }, 503, "temporary problem"],
    ["<html>Bad gateway</html>", 502, "temporary problem"],
    ["", 302, "final address as Token URL"],
    ["<html>Not found</html>", 404, "check the Token URL"],
    ["<!doctype html><title>Sign in</title>", 200, "web page instead of a token"],
    ["", 200, "answered with nothing"],
    ["OK", 200, "no OAuth answer"],
    ["[]", 200, "no OAuth answer"],
    ["null", 200, "no OAuth answer"],
  ])("%j with status %i says what to do", (body, status, advice) => {
    const error = errorOf(body, { status });
    expect(error.userMessage).toContain(advice);
    expect(error.userMessage).not.toContain("<");
  });

  test("quotes the provider, without anything that could be a secret", () => {
    const secret = "s3cr3t value";
    const jwtLike = jwt({ sub: "somebody@example.com" });
    const error_description = `Token ${secret} (${jwtLike}) was revoked\u2028 by\tthe user.`;
    const { userMessage } = errorOf(
      { error: "invalid_grant", error_description },
      { status: 400, secrets: [secret] },
    );
    expect(userMessage).toContain("was revoked by the user.");
    expect(userMessage).not.toContain(secret);
    for (const part of jwtLike.split(".").slice(0, 2)) expect(userMessage).not.toContain(part);
  });

  test("keeps the wait that the provider requested", () => {
    expect(errorOf("", { status: 429, retryAfterMs: () => 30_000 }).retryAfterMs).toBe(30_000);
  });
});

test("whatever a server sends, the result is tokens with a finite expiry or a ProviderError", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.double(),
    fc.integer(),
    fc.constantFrom(null, true, "Bearer", "at", jwt({ iat: 1, exp: 2 }), Number.MAX_VALUE),
    fc.jsonValue(),
  );
  const names = ["access_token", "refresh_token", "token_type", "expires_in", "scope", "error"];
  const more = ["error_description", "ok", "authed_user", "status", "object", "code", "__proto__"];
  const parameters = fc.dictionary(fc.constantFrom(...names, ...more), value);
  const body = fc.oneof(
    parameters.map((record) => JSON.stringify(record)),
    fc.record({ ok: value, authed_user: parameters }).map((record) => JSON.stringify(record)),
    fc.webQueryParameters(),
    fc.string({ unit: "binary" }),
  );
  const status = fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 }));
  fc.assert(
    fc.property(body, status, (body, status) => {
      try {
        const tokens = read(body, { status });
        expect(tokens.accessToken).toMatch(/^[\x21-\x7e]+$/);
        const lifetime = tokens.expiresAt && tokens.expiresAt.getTime() - obtainedAt.getTime();
        expect(lifetime === null || (Number.isFinite(lifetime) && lifetime >= 0)).toBe(true);
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        expect(error.userMessage).toMatch(/^as\.example /);
      }
    }),
    { numRuns: 2000 },
  );
});
