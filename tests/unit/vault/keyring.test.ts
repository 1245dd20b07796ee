import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { parseKeyring } from "@/lib/vault/keyring";

const good = () => randomBytes(32).toString("base64");

function problemOf(current: string | undefined, old?: string): string {
  const parsed = parseKeyring(current, old);
  if (!parsed.problems) throw new Error("the key was accepted");
  return parsed.problems.join("\n");
}

describe("parseKeyring", () => {
  test("accepts base64 of 32 random bytes and gives the key a stable id", () => {
    const key = good();
    const first = parseKeyring(key, undefined);
    const second = parseKeyring(key, undefined);
    expect(first.keyring?.current.id).toMatch(/^[\w-]{12}$/);
    expect(second.keyring?.current.id).toBe(first.keyring?.current.id);
    expect(parseKeyring(good(), undefined).keyring?.current.id).not.toBe(first.keyring?.current.id);
  });

  // langfuse/langfuse#2629, coollabsio/coolify#8797: keys as other tools write them
  test.each(["base64url", "hex"] as const)("reads a key in %s as the same key", (encoding) => {
    const bytes = randomBytes(32);
    const id = (key: string) => parseKeyring(key, undefined).keyring?.current.id;
    const wanted = id(bytes.toString("base64"));
    expect(wanted).toBeDefined();
    expect(id(bytes.toString(encoding))).toBe(wanted);
    expect(id(bytes.toString("hex").toUpperCase())).toBe(wanted);
    expect(id(bytes.toString("base64").replace("=", ""))).toBe(wanted);
  });

  test("reads any number of old keys, separated by commas or line breaks", () => {
    expect(parseKeyring(good(), `${good()}\n${good()};${good()}\n`).keyring?.old).toHaveLength(3);
    expect(parseKeyring(good(), `${good()}, ${good()},`).keyring?.old).toHaveLength(2);
    expect(parseKeyring(good(), "").keyring?.old).toHaveLength(0);
  });

  test.each([
    ["a missing key", undefined, "is missing"],
    ["an empty key", "", "is missing"],
    ["a short key", randomBytes(16).toString("base64"), "base64 of 16 bytes"],
    ["a long key", randomBytes(48).toString("base64"), "base64 of 48 bytes"],
    ["hex of another length", randomBytes(24).toString("hex"), "base64 of 36 bytes"],
    ["base64 with a line break", `${good()}\n`, "not valid base64"],
    ["spare bits that are set", `${"A".repeat(42)}B=`, "not valid base64"],
    ["a phrase", "correct horse battery staple", "not valid base64"],
    ["zeros", Buffer.alloc(32).toString("base64"), "simple pattern"],
    ["one repeated byte", Buffer.alloc(32, 0xa7).toString("base64"), "simple pattern"],
    ["a repeated pattern", Buffer.alloc(32, "abcd").toString("base64"), "simple pattern"],
    [
      "bytes that count",
      Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString("base64"),
      "simple pattern",
    ],
  ])("rejects %s", (_, key, wanted) => {
    const problem = problemOf(key);
    expect(problem).toContain(wanted);
    expect(problem).toContain("SECRETS_ENCRYPTION_KEY ");
    expect(problem).toContain("openssl rand -base64 32");
    if (key) expect(problem).not.toContain(key.trim());
  });

  test("names an invalid old key by its position, without its value", () => {
    const problem = problemOf(good(), `${good()},c2hvcnQ=`);
    expect(problem).toContain("SECRETS_ENCRYPTION_KEYS_OLD, key 2,");
    expect(problem).not.toContain("c2hvcnQ=");
  });

  test("reports every problem at once", () => {
    expect(parseKeyring(undefined, "x,y").problems).toHaveLength(3);
  });

  test("shows no key when it is inspected or serialized", () => {
    const bytes = randomBytes(32);
    const { keyring } = parseKeyring(bytes.toString("base64"), undefined);
    const shown = `${inspect(keyring, { depth: null, showHidden: true })}${JSON.stringify(keyring)}`;
    for (const encoding of ["base64", "base64url", "hex"] as const) {
      expect(shown).not.toContain(bytes.toString(encoding));
    }
    expect(shown).not.toContain("Buffer");
  });
});
