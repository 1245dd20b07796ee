import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { checkCanary, makeCanary } from "@/lib/vault/canary";
import { type Keyring, parseKeyring } from "@/lib/vault/keyring";

const makeKey = () => randomBytes(32).toString("base64");

function makeKeyring(current: string, old?: string): Keyring {
  const { keyring } = parseKeyring(current, old);
  if (!keyring) throw new Error("the test's key was refused");
  return keyring;
}

describe("the canary", () => {
  test("passes with the key that created it, and with that key among the old ones", () => {
    const key = makeKey();
    const canary = makeCanary(makeKeyring(key));
    expect(checkCanary(makeKeyring(key), canary)).toEqual({ ok: true });
    expect(checkCanary(makeKeyring(makeKey(), key), canary)).toEqual({ ok: true });
  });

  test("reports a wrong key by the variable's name, without a value", () => {
    const wrong = makeKey();
    const check = checkCanary(makeKeyring(wrong), makeCanary(makeKeyring(makeKey())));
    if (check.ok) throw new Error("the wrong key passed");
    expect(check.problem).toContain("SECRETS_ENCRYPTION_KEY is not the key");
    expect(check.problem).not.toContain(wrong);
  });

  test("does not pass if the stored box is not a canary", () => {
    expect(checkCanary(makeKeyring(makeKey()), "").ok).toBe(false);
  });
});
