import { describe, expect, test } from "vitest";
import { codeChallengeOf, createPkce } from "@/lib/oauth/authorization-request";

describe("PKCE", () => {
  test("matches RFC 7636, appendix B", () => {
    expect(codeChallengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });

  test("generates a verifier with the characters and length that RFC 7636 §4.1 requires, never twice", () => {
    const pkces = Array.from({ length: 1000 }, createPkce);
    for (const { codeVerifier, codeChallenge } of pkces) {
      expect(codeVerifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
      expect(codeChallenge).toBe(codeChallengeOf(codeVerifier));
    }
    expect(new Set(pkces.map(({ codeVerifier }) => codeVerifier)).size).toBe(1000);
  });
});
