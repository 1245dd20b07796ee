import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidInputError, SealedBoxError } from "@/lib/errors";
import { type Keyring, parseKeyring } from "@/lib/vault/keyring";
import { SEALS_PER_SALT } from "@/lib/vault/record-keys";
import { isSealedUnderCurrentKey, open, seal } from "@/lib/vault/sealed-box";

const makeKey = () => randomBytes(32).toString("base64");

function makeKeyring(current = makeKey(), old?: string): Keyring {
  const { keyring } = parseKeyring(current, old);
  if (!keyring) throw new Error("the test's key was refused");
  return keyring;
}

const place = { table: "StoredTokenSet", column: "accessTokenSealed", rowId: "row-1" };
const anyText = fc.string({ unit: "binary", maxLength: 3000 });

function refusal(keyring: Keyring, box: string, at = place): SealedBoxError {
  try {
    open(keyring, box, at);
  } catch (error) {
    if (error instanceof SealedBoxError) return error;
    throw error;
  }
  throw new Error("the box opened");
}

describe("a sealed box", () => {
  test("opens to exactly what was sealed", () => {
    const keyring = makeKeyring();
    fc.assert(
      fc.property(anyText, fc.string(), fc.string(), fc.string(), (text, table, column, rowId) => {
        const at = { table, column, rowId };
        expect(open(keyring, seal(keyring, text, at), at)).toBe(text);
      }),
    );
  });

  test("does not open in another table, column or row, however the names are split", () => {
    const keyring = makeKeyring();
    const part = fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom("a", "ab", '","', '"', ""));
    const anyPlace = fc.record({ table: part, column: part, rowId: part });
    fc.assert(
      fc.property(anyPlace, anyPlace, (from, to) => {
        fc.pre(JSON.stringify(from) !== JSON.stringify(to));
        refusal(keyring, seal(keyring, "secret", from), to);
      }),
    );
  });

  test.each([
    ["row", { ...place, rowId: "row-2" }],
    ["column", { ...place, column: "refreshTokenSealed" }],
    ["table", { ...place, table: "OAuthClient" }],
  ])("does not open if it was moved to another %s", (_, elsewhere) => {
    const keyring = makeKeyring();
    const error = refusal(keyring, seal(keyring, "secret", place), elsewhere);
    expect(error.userMessage).toContain("moved from another row");
    expect(error.userMessage).toContain(`${elsewhere.table}.${elsewhere.column}`);
  });

  test("does not open if any single bit was flipped", () => {
    const keyring = makeKeyring();
    const box = Buffer.from(seal(keyring, randomBytes(1536).toString("base64"), place), "latin1");
    let opened = 0;
    for (let bit = 0; bit < box.length * 8; bit++) {
      const index = bit >> 3;
      box[index] = box.readUInt8(index) ^ (1 << (bit & 7));
      try {
        open(keyring, box.toString("latin1"), place);
        opened++;
      } catch (error) {
        if (!(error instanceof SealedBoxError)) throw error;
      }
      box[index] = box.readUInt8(index) ^ (1 << (bit & 7));
    }
    expect(box.length).toBeGreaterThan(2048);
    expect(opened).toBe(0);
    expect(() => open(keyring, box.toString("latin1"), place)).not.toThrow();
  });

  test("does not open when it was cut, tag or text, at any length", () => {
    const keyring = makeKeyring();
    const box = seal(keyring, "a secret", place);
    for (let length = 0; length < box.length; length++) refusal(keyring, box.slice(0, length));
    const [version, keyId, salt, iv, body = ""] = box.split(".");
    const bytes = Buffer.from(body, "base64url");
    for (let tagLength = 0; tagLength < 16; tagLength++) {
      const cut = bytes.subarray(0, bytes.length - 16 + tagLength).toString("base64url");
      refusal(keyring, [version, keyId, salt, iv, cut].join("."));
    }
  });

  test.each([
    "",
    ".",
    "....",
    "plaintext",
    "v1....",
    "v2.a.b.c.d",
    `v1.${"a".repeat(12)}.${"a".repeat(24)}.${"a".repeat(16)}.`,
  ])("does not open if it is not a box at all: %j", (text) => {
    refusal(makeKeyring(), text);
  });

  test("does not open if its bytes are encoded differently", () => {
    const keyring = makeKeyring();
    for (let length = 0; length < 60; length++) {
      const box = seal(keyring, "a".repeat(length), place);
      const at = box.lastIndexOf(".") + 1 + (length % 7);
      const aliases: Record<string, string> = {
        "-": "+",
        _: "/",
        [box.charAt(at)]: String.fromCharCode(box.charCodeAt(at) + 0x100),
      };
      for (const [written, alias] of Object.entries(aliases)) {
        const index = box.indexOf(written, box.lastIndexOf("."));
        if (index < 0) continue;
        refusal(keyring, box.slice(0, index) + alias + box.slice(index + 1));
      }
      const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      const spareBits = (box.length - box.lastIndexOf(".") - 1) % 4 !== 0;
      const next = last[last.indexOf(box.slice(-1)) + 1];
      if (spareBits && next) refusal(keyring, box.slice(0, -1) + next);
      refusal(keyring, `${box.slice(0, at)} ${box.slice(at)}`);
      refusal(keyring, `${box.slice(0, at)}\n${box.slice(at)}`);
    }
  });

  test("does not open with anything appended, or padded as base64", () => {
    const keyring = makeKeyring();
    const box = seal(keyring, "secret", place);
    for (const tail of [".", ".AA", "=", "==", "A", "AAAA", " ", "\n"])
      refusal(keyring, box + tail);
  });

  test("opens under an old key, and says that it should be sealed again", () => {
    const oldKey = makeKey();
    const box = seal(makeKeyring(oldKey), "secret", place);
    const rotated = makeKeyring(makeKey(), `${makeKey()},${oldKey}`);
    expect(open(rotated, box, place)).toBe("secret");
    expect(isSealedUnderCurrentKey(rotated, box)).toBe(false);
    expect(isSealedUnderCurrentKey(rotated, seal(rotated, "secret", place))).toBe(true);
  });

  test("names the missing key, and where to add it, without a value", () => {
    const lost = makeKeyring();
    const box = seal(lost, "secret", place);
    const { userMessage } = refusal(makeKeyring(), box);
    expect(userMessage).toContain(lost.current.id);
    expect(userMessage).toContain("SECRETS_ENCRYPTION_KEYS_OLD");
    expect(userMessage).not.toContain(box.slice(-20));
  });

  test("does not open under another key that claims the same id", () => {
    const [mine, theirs] = [makeKeyring(), makeKeyring()];
    const box = seal(theirs, "secret", place).replace(theirs.current.id, mine.current.id);
    refusal(mine, box);
  });

  test("accepts no text that UTF-8 cannot represent", () => {
    expect(() => seal(makeKeyring(), "half a pair: \ud83d", place)).toThrow(InvalidInputError);
  });

  test("never repeats a nonce under one derived key in 100,000 seals, and changes the key", () => {
    const keyring = makeKeyring();
    const sealsBySalt = new Map<string, number>();
    const nonces = new Set<string>();
    const count = 100_000;
    for (let i = 0; i < count; i++) {
      const [, , salt = "", iv = ""] = seal(keyring, "s", place).split(".");
      sealsBySalt.set(salt, (sealsBySalt.get(salt) ?? 0) + 1);
      nonces.add(salt + iv);
    }
    expect(nonces.size).toBe(count);
    expect(sealsBySalt.size).toBe(Math.ceil(count / SEALS_PER_SALT));
    expect(Math.max(...sealsBySalt.values())).toBeLessThanOrEqual(SEALS_PER_SALT);
  });

  test("opens boxes with more salts than it keeps derived keys for", () => {
    const key = makeKey();
    const boxes = Array.from({ length: 1500 }, (_, i) => seal(makeKeyring(key), `${i}`, place));
    const keyring = makeKeyring(key);
    for (const round of [1, 2]) {
      boxes.forEach((box, i) => {
        expect(open(keyring, box, place), `round ${round}`).toBe(`${i}`);
      });
    }
  });

  test("seals the same text differently each time", () => {
    const keyring = makeKeyring();
    const digest = (box: string) => createHash("sha256").update(box).digest("hex");
    const digests = Array.from({ length: 100 }, () => digest(seal(keyring, "same", place)));
    expect(new Set(digests).size).toBe(100);
  });
});
