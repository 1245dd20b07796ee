import { describe, expect, test } from "vitest";
import { hashSecret, randomSecret, secretsEqual } from "@/lib/oauth/authorization-request";

describe("a state", () => {
  test("has 256 random bits and fits unchanged into a URL and a cookie", () => {
    const states = Array.from({ length: 1000 }, randomSecret);
    for (const state of states) expect(state).toMatch(/^[\w-]{43}$/);
    expect(new Set(states).size).toBe(1000);
  });

  test("is recognized by its hash, and no other state is", () => {
    const state = randomSecret();
    const hash = hashSecret(state);
    expect(hash).not.toContain(state);
    expect(secretsEqual(hashSecret(state), hash)).toBe(true);
    for (const other of ["", state.slice(1), `${state}A`, state.toLowerCase(), randomSecret()]) {
      expect(secretsEqual(hashSecret(other), hash)).toBe(false);
    }
  });

  test("is compared with values of any length", () => {
    expect(secretsEqual("", "")).toBe(true);
    expect(secretsEqual("a", "")).toBe(false);
    expect(secretsEqual("ä", "ae")).toBe(false);
  });
});
