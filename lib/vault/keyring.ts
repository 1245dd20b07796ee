import { createSecretKey, hkdfSync } from "node:crypto";
import { RecordKeys } from "@/lib/vault/record-keys";

/** One master key. The key itself cannot be read back from here, logged or serialized. */
export interface SealingKey {
  /** 12 base64url characters, derived one-way from the key; written into every box it seals. */
  readonly id: string;
  readonly recordKeys: RecordKeys;
}

/** `current` seals and opens; `old` only open. */
export interface Keyring {
  readonly current: SealingKey;
  readonly old: readonly SealingKey[];
}

export type ParsedKeyring =
  | { keyring: Keyring; problems?: undefined }
  | { keyring?: undefined; problems: string[] };

const KEY_LENGTH = 32;
const KEY_ID_LENGTH = 9;
/** 32 random bytes have about 30 distinct values; no generator yields fewer than 8. */
const FEWEST_DISTINCT_BYTES = 8;
const HOW_TO_MAKE_ONE = 'make one with "openssl rand -base64 32"';

/**
 * Reads the master keys. The problems name the variable and what it expects, never its value.
 *
 * @param current `SECRETS_ENCRYPTION_KEY`: base64 of 32 bytes, in either alphabet, or their hexadecimal digits.
 * @param old `SECRETS_ENCRYPTION_KEYS_OLD`: any number of such keys, separated by commas or line breaks.
 */
export function parseKeyring(current: string | undefined, old: string | undefined): ParsedKeyring {
  const problems: string[] = [];
  const read = (encoded: string, name: string): Buffer | undefined => {
    const key = bytesOf(encoded);
    const problem = keyProblem(encoded, key);
    if (problem === null) return key;
    problems.push(`${name} ${problem}`);
    return undefined;
  };

  const currentKey = read(current ?? "", "SECRETS_ENCRYPTION_KEY");
  const oldKeys = (old ?? "")
    .split(/[\s,;]+/)
    .filter((entry) => entry !== "")
    .map((entry, index) => read(entry, `SECRETS_ENCRYPTION_KEYS_OLD, key ${index + 1},`));

  if (!currentKey || problems.length > 0) return { problems };
  return {
    keyring: {
      current: sealingKey(currentKey),
      old: oldKeys.filter((key) => key !== undefined).map(sealingKey),
    },
  };
}

/** base64 in either alphabet, with or without its end, or 64 hexadecimal digits, which are never 32 bytes of base64. */
function bytesOf(encoded: string): Buffer {
  return Buffer.from(encoded, /^[\da-f]{64}$/i.test(encoded) ? "hex" : "base64");
}

/** The key that wrote a box, by the id in it. */
export function findKey(keyring: Keyring, keyId: string): SealingKey | undefined {
  if (keyring.current.id === keyId) return keyring.current;
  return keyring.old.find((key) => key.id === keyId);
}

function keyProblem(encoded: string, key: Buffer): string | null {
  if (encoded === "")
    return `is missing. It must be base64 of 32 random bytes; ${HOW_TO_MAKE_ONE}.`;
  // Buffer.from skips what it cannot read; only a key that encodes back to itself was read completely.
  const same = encoded.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  const [base64, hex] = [key.toString("base64").replace(/=+$/, ""), key.toString("hex")];
  if (base64 !== same && hex !== encoded.toLowerCase()) {
    return `is not valid base64. It must be base64 of 32 random bytes (44 characters, no spaces or line breaks); ${HOW_TO_MAKE_ONE}.`;
  }
  if (key.length !== KEY_LENGTH) {
    return `is base64 of ${key.length} bytes. It must be exactly 32 random bytes; ${HOW_TO_MAKE_ONE}.`;
  }
  if (isTrivial(key)) {
    return `follows a simple pattern that anybody can guess. It must be 32 random bytes; ${HOW_TO_MAKE_ONE}.`;
  }
  return null;
}

function isTrivial(key: Buffer): boolean {
  if (new Set(key).size < FEWEST_DISTINCT_BYTES) return true;
  const step = (key.readUInt8(1) - key.readUInt8(0)) & 0xff;
  return key.every(
    (byte, index) => index === 0 || ((byte - key.readUInt8(index - 1)) & 0xff) === step,
  );
}

function sealingKey(bytes: Buffer): SealingKey {
  const id = Buffer.from(hkdfSync("sha256", bytes, "", "usher/vault/v1/key-id", KEY_ID_LENGTH));
  return {
    id: id.toString("base64url"),
    recordKeys: new RecordKeys(createSecretKey(bytes)),
  };
}
