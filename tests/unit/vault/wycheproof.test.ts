import { describe, expect, it } from "vitest";
import { decrypt, encrypt } from "@/lib/vault/aes-gcm";
import published from "./wycheproof-aes-256-gcm.json";

const vectors = published.testGroups.flatMap(({ tests }) => tests);
const bytes = (hex: string) => Buffer.from(hex, "hex");
const inputsOf = ({ key, iv, aad }: (typeof vectors)[number]) => ({
  key: bytes(key),
  nonce: bytes(iv),
  associatedData: bytes(aad),
});

describe("the cipher of every box, by Wycheproof's vectors for AES-256-GCM", () => {
  it("is checked against all 48 of them: 21 that open, 27 that must not", () => {
    expect(vectors.filter(({ result }) => result === "valid")).toHaveLength(21);
    expect(vectors.filter(({ result }) => result === "invalid")).toHaveLength(27);
    expect(new Set(vectors.map(({ tcId }) => tcId)).size).toBe(48);
  });

  it.each(vectors.filter(({ result }) => result === "valid"))(
    "creates and opens what vector $tcId says",
    (vector) => {
      const body = bytes(vector.ct + vector.tag);
      expect(encrypt(inputsOf(vector), bytes(vector.msg))).toEqual(body);
      expect(decrypt(inputsOf(vector), body)).toEqual(bytes(vector.msg));
    },
  );

  it.each(vectors.filter(({ result }) => result === "invalid"))(
    "rejects vector $tcId: $comment",
    (vector) => {
      const body = bytes(vector.ct + vector.tag);
      expect(() => decrypt(inputsOf(vector), body)).toThrow();
    },
  );
});
