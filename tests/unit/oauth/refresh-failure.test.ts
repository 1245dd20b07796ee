import { describe, expect, test } from "vitest";
import {
  InvalidInputError,
  OutboundRefusedError,
  ProviderError,
  UnreachableError,
} from "@/lib/errors";
import { classifyRefreshFailure } from "@/lib/oauth/error-response";

const provider = (status: number, error: string | null, retryAfterMs: number | null = null) =>
  new ProviderError({ status, error, retryAfterMs }, "what happened");

describe("a failed refresh", () => {
  test.each([
    [400, "invalid_grant"],
    [401, "invalid_grant"],
    [200, "bad_refresh_token"],
    [200, "invalid_refresh_token"],
    [200, "token_revoked"],
    [400, "interaction_required"],
    [400, "BAD_REFRESH_TOKEN"],
  ])("with status %i and %s ends the grant", (status, error) => {
    expect(classifyRefreshFailure(provider(status, error))).toEqual({
      outcome: "needs_authorization",
      reason: "what happened",
      retryAfterMs: null,
    });
  });

  test.each<unknown>([
    provider(400, "invalid_client"),
    provider(401, "unauthorized_client"),
    provider(200, "incorrect_client_credentials"),
    provider(400, "invalid_request"),
    provider(400, "invalid_scope"),
    provider(400, "temporarily_unavailable"),
    provider(400, null),
    provider(401, null),
    provider(403, null),
    provider(404, null),
    provider(200, null),
    provider(302, null),
    provider(429, "invalid_grant"),
    provider(500, "invalid_grant"),
    provider(503, null),
    new UnreachableError("timeout", "what happened"),
    new UnreachableError("dns", "what happened"),
    new UnreachableError("tls", "what happened"),
    new UnreachableError("too_large", "what happened"),
    new OutboundRefusedError("what happened"),
    new InvalidInputError({ clientSecret: "what happened" }),
  ])("that is %o keeps the tokens", (error) => {
    const failure = classifyRefreshFailure(error);
    expect([failure.outcome, failure.reason]).toEqual(["try_later", "what happened"]);
  });

  test.each([new TypeError("secret in here"), "secret in here", undefined])(
    "that nobody foresaw keeps the tokens and says nothing of its insides",
    (error) => {
      const failure = classifyRefreshFailure(error);
      expect(failure.outcome).toBe("try_later");
      expect(failure.reason).not.toContain("secret");
    },
  );

  test("passes on how long the provider asked to wait", () => {
    expect(classifyRefreshFailure(provider(429, null, 30_000)).retryAfterMs).toBe(30_000);
  });
});
