import { describe, expect, test } from "vitest";
import {
  InvalidInputError,
  OutboundRefusedError,
  ProviderError,
  UnreachableError,
} from "@/lib/errors";
import { classifyRefreshFailure } from "@/lib/oauth/error-response";

describe("a failed refresh", () => {
  test("is judged by the provider's answer, and passes on the requested wait", () => {
    const error = new ProviderError(
      { status: 429, error: "slow_down", retryAfterMs: 30_000 },
      "what happened",
    );
    expect(classifyRefreshFailure(error)).toEqual({
      verdict: "outage",
      reason: "what happened",
      retryAfterMs: 30_000,
      mayBeThisTokenAlone: false,
    });
  });

  test.each([500, 502, 503])("with %i may concern only this token", (status) => {
    const error = new ProviderError({ status, error: null }, "what happened");
    expect(classifyRefreshFailure(error)).toMatchObject({
      verdict: "outage",
      mayBeThisTokenAlone: true,
    });
  });

  test.each<unknown>([
    new UnreachableError("timeout", "what happened"),
    new UnreachableError("dns", "what happened"),
    new UnreachableError("tls", "what happened"),
    new UnreachableError("too_large", "what happened"),
    new OutboundRefusedError("what happened"),
    new InvalidInputError({ clientSecret: "what happened" }),
  ])("that is %o says nothing about the token", (error) => {
    const failure = classifyRefreshFailure(error);
    expect([failure.verdict, failure.reason]).toEqual(["outage", "what happened"]);
  });

  test.each([new TypeError("secret in here"), "secret in here", undefined])(
    "that no one foresaw keeps the tokens and reveals nothing of its internals",
    (error) => {
      const failure = classifyRefreshFailure(error);
      expect(failure.verdict).toBe("outage");
      expect(failure.reason).not.toContain("secret");
    },
  );
});
