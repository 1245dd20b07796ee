// Sealing and opening 2 KB: Usher's vault, node:crypto bare, and the platform's WebCrypto.

import { strictEqual } from "node:assert";
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { parseKeyring } from "@/lib/vault/keyring";
import { open, type SealedPlace, seal } from "@/lib/vault/sealed-box";
import { serve } from "../child";

export type Work = "seal" | "open";
export type Sealer = "usher" | "node" | "webCrypto" | "webCryptoTogether";

const secret = randomBytes(1024).toString("hex");
const place: SealedPlace = { table: "StoredTokenSet", column: "accessTokenSealed", rowId: "bench" };
const { keyring } = parseKeyring(randomBytes(32).toString("base64"), undefined);
if (!keyring) throw new Error("The key is no key.");
const bareKey = createSecretKey(randomBytes(32));
const webKey = await crypto.subtle.importKey("raw", randomBytes(32), "AES-GCM", false, [
  "encrypt",
  "decrypt",
]);
const plain = Buffer.from(secret);
const additionalData = Buffer.from(JSON.stringify(place));

const usherBox = seal(keyring, secret, place);
const nodeBox = sealWithNode();
const webBox = await sealWithWebCrypto();

const together = 64;
const work: Record<Sealer, Record<Work, (times: number) => Promise<void>>> = {
  usher: {
    seal: repeated(() => seal(keyring, secret, place)),
    open: repeated(() => open(keyring, usherBox, place)),
  },
  node: { seal: repeated(sealWithNode), open: repeated(openWithNode) },
  webCrypto: { seal: oneByOne(sealWithWebCrypto), open: oneByOne(openWithWebCrypto) },
  webCryptoTogether: { seal: batched(sealWithWebCrypto), open: batched(openWithWebCrypto) },
};

const commands = {
  /** @returns how many a second */
  async rate({ sealer, what, times }: { sealer: Sealer; what: Work; times: number }) {
    const startedAt = performance.now();
    await work[sealer][what](times);
    return (times / (performance.now() - startedAt)) * 1000;
  },

  /** @throws where what is sealed does not come back */
  async check() {
    strictEqual(open(keyring, seal(keyring, secret, place), place), secret);
    strictEqual(openWithNode(), secret);
    strictEqual(Buffer.from(await openWithWebCrypto()).toString(), secret);
  },
};
export type SealingProcess = typeof commands;

function sealWithNode() {
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", bareKey, iv, { authTagLength: 16 });
  cipher.setAAD(additionalData);
  return { iv, sealed: [cipher.update(plain), cipher.final()], tag: cipher.getAuthTag() };
}

function openWithNode(): string {
  const { iv, sealed, tag } = nodeBox;
  const decipher = createDecipheriv("aes-256-gcm", bareKey, iv, { authTagLength: 16 });
  decipher.setAAD(additionalData);
  decipher.setAuthTag(tag);
  const [body = Buffer.alloc(0)] = sealed;
  const opened = decipher.update(body);
  decipher.final();
  return opened.toString();
}

async function sealWithWebCrypto() {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData },
    webKey,
    plain,
  );
  return { iv, sealed };
}

function openWithWebCrypto(): Promise<ArrayBuffer> {
  const { iv, sealed } = webBox;
  return crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, webKey, sealed);
}

function repeated(one: () => unknown) {
  return async (times: number) => {
    for (let done = 0; done < times; done++) one();
  };
}

function oneByOne(one: () => Promise<unknown>) {
  return async (times: number) => {
    for (let done = 0; done < times; done++) await one();
  };
}

function batched(one: () => Promise<unknown>) {
  return async (times: number) => {
    for (let done = 0; done < times; done += together) {
      await Promise.all(Array.from({ length: together }, one));
    }
  };
}

serve(commands);
