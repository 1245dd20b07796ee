import { describe, expect, it } from "vitest";
import {
  authorizationOutcome,
  failureReason,
  failureWords,
} from "@/components/connections/authorization-outcome";
import { AuthorizationFailedError } from "@/lib/errors";
import { authorizationFailure } from "@/lib/http/handle-navigation";

describe("the outcome of an authorization", () => {
  it("is read from the URL", () => {
    expect(authorizationOutcome({ authorized: "1" })).toEqual({ kind: "connected" });
    expect(authorizationOutcome({ authorization_error: "denied" })).toEqual({
      kind: "failed",
      reason: "denied",
    });
    expect(authorizationOutcome({})).toBeNull();
    expect(authorizationOutcome({ authorized: "true" })).toBeNull();
  });

  it("is a failure if the URL says both", () => {
    expect(authorizationOutcome({ authorized: "1", authorization_error: "expired" })).toEqual({
      kind: "failed",
      reason: "expired",
    });
  });

  it.each(["<script>", "toString", "__proto__", "constructor", "DENIED"])(
    "treats %s, which is not a reason, as an internal error",
    (value) => {
      const reason = failureReason(value);
      expect(reason).toBe("internal");
      expect(JSON.stringify(reason && failureWords(reason))).not.toContain(value);
    },
  );

  it.each(["", undefined, ["denied"], 1])("has no reason from %j", (value) => {
    expect(failureReason(value)).toBeNull();
  });

  it.each([
    "denied",
    "expired",
    "unknown_state",
    "no_state",
    "wrong_user",
    "wrong_browser",
    "cancelled",
    "provider_error",
    "issuer_mismatch",
    "registration_failed",
    "client_forgotten",
  ] as const)("has specific words for %s, as the callback sends it", (reason) => {
    const sent = authorizationFailure(new AuthorizationFailedError(reason, ""));
    expect(failureReason(sent)).toBe(reason);
    expect(failureWords(reason).title).not.toBe(failureWords("internal").title);
  });
});
