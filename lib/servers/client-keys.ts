import { randomUUID } from "node:crypto";
import { exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import {
  type ClientKeyRow,
  deleteClientKeys,
  insertClientKey,
  listClientKeys,
  lockClientKeys,
} from "@/lib/db/client-key";
import type { AssertionKey, OAuthClient } from "@/lib/oauth/client";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type SealedPlace, seal } from "@/lib/vault/sealed-box";

export interface ClientKeyContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
}

type Algorithm = AssertionKey["algorithm"];
const algorithms = ["ES256", "RS256"] as const satisfies readonly Algorithm[];

const day = 24 * 60 * 60_000;
/** After this, the next key is created. */
const lifetimeMs = 90 * day;
/** A key is published this long before it signs, and after it did: providers cache what they read for hours. */
const overlapMs = 2 * day;

export interface KeyDecision<Key> {
  /** The one that currently signs. Null: no key has been created yet. */
  current: Key | null;
  /** When the key to create now will start to sign. Null: no new key is due. */
  nextFrom: Date | null;
  /** Their signatures are no longer checked. */
  outlived: Key[];
}

/** The state of the keys of one algorithm. @param keys oldest first */
export function decideKeys<Key extends { usedFrom: Date }>(
  keys: readonly Key[],
  now: Date,
): KeyDecision<Key> {
  const current = keys.findLast(({ usedFrom }) => usedFrom <= now) ?? null;
  const newest = keys.at(-1);
  const isDue = newest && newest.usedFrom.getTime() + lifetimeMs <= now.getTime();
  return {
    current,
    nextFrom: current === null ? now : isDue ? new Date(now.getTime() + overlapMs) : null,
    outlived: keys.filter((_, at) => {
      const next = keys[at + 1];
      return next !== undefined && next.usedFrom.getTime() + overlapMs <= now.getTime();
    }),
  };
}

/** The client's current signing key. @throws SealedBoxError */
export async function signingKey(
  ctx: ClientKeyContext,
  { settings }: Pick<OAuthClient, "settings">,
): Promise<AssertionKey> {
  const algorithm = settings?.signWithRs256 ? "RS256" : "ES256";
  const { current } = decideKeys(of(algorithm, await readyKeys(ctx)), ctx.now());
  if (current === null) throw new Error(`There is no key for ${algorithm}.`);
  return openKey(ctx.keyring, current);
}

/** For everyone who verifies what Usher signs. @see https://www.rfc-editor.org/rfc/rfc7517#section-5 */
export async function publicKeySet(ctx: ClientKeyContext): Promise<{ keys: JWK[] }> {
  const keys = await readyKeys(ctx);
  return { keys: algorithms.flatMap((algorithm) => of(algorithm, keys).map(publicKey)) };
}

/** All keys. Missing or due ones are created here, so that nothing has to run in the background. */
async function readyKeys(ctx: ClientKeyContext): Promise<ClientKeyRow[]> {
  const stored = await listClientKeys(ctx.db);
  const isDue = algorithms.some((algorithm) => {
    const { nextFrom, outlived } = decideKeys(of(algorithm, stored), ctx.now());
    return nextFrom !== null || outlived.length > 0;
  });
  return isDue ? ctx.db.$transaction((tx) => renewKeys(ctx, tx)) : stored;
}

async function renewKeys(ctx: ClientKeyContext, tx: DatabaseTransaction): Promise<ClientKeyRow[]> {
  await lockClientKeys(tx);
  const stored = await listClientKeys(tx);
  for (const algorithm of algorithms) {
    const { nextFrom, outlived } = decideKeys(of(algorithm, stored), ctx.now());
    if (nextFrom) await insertClientKey(tx, await newKey(ctx.keyring, algorithm, nextFrom));
    await deleteClientKeys(
      tx,
      outlived.map(({ id }) => id),
    );
  }
  return listClientKeys(tx);
}

async function newKey(keyring: Keyring, algorithm: Algorithm, usedFrom: Date) {
  const id = randomUUID();
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const [publicJwk, privateJwk] = await Promise.all([
    exportJWK(pair.publicKey),
    exportJWK(pair.privateKey),
  ]);
  return {
    ...{ id, algorithm, usedFrom, publicKey: { ...publicJwk } as Record<string, string> },
    privateKeySealed: seal(keyring, JSON.stringify(privateJwk), clientKeyPlace(id)),
  };
}

async function openKey(keyring: Keyring, row: ClientKeyRow): Promise<AssertionKey> {
  const { id, algorithm } = row;
  const jwk = JSON.parse(open(keyring, row.privateKeySealed, clientKeyPlace(id))) as JWK;
  // Only symmetric keys are returned as bytes.
  const privateKey = (await importJWK(jwk, algorithm)) as CryptoKey;
  return { id, algorithm, privateKey };
}

function publicKey({ id, algorithm, publicKey: stored }: ClientKeyRow): JWK {
  return { ...(stored as JWK), kid: id, alg: algorithm, use: "sig" };
}

function of(algorithm: Algorithm, keys: readonly ClientKeyRow[]): ClientKeyRow[] {
  return keys.filter((key) => key.algorithm === algorithm);
}

export function clientKeyPlace(id: string): SealedPlace {
  return { table: "ClientKey", column: "privateKeySealed", rowId: id };
}
