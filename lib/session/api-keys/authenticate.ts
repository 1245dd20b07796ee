import { createHash, randomBytes } from "node:crypto";
import type { ApiKeyOwner } from "@/lib/contracts/api-keys";
import type { ApiScope } from "@/lib/contracts/api-scopes";
import { findPresentedKey, type PresentedKey, recordApiKeyUsed } from "@/lib/db/api/api-key";
import type { Database } from "@/lib/db/client";
import { NotSignedInError } from "@/lib/errors";
import type { SignedInUser } from "@/lib/session/session-user";

/** The key that a request came with. */
export interface ActingKey {
  id: string;
  owner: ApiKeyOwner;
  scopes: readonly ApiScope[];
  /** For people, such as `Deploy (ush_AbC123…)`. */
  label: string;
}

const keyPrefix = "ush_";
const prefixLength = keyPrefix.length + 6;

/** Whether it was meant as a key. */
export function isKeyLike(text: string): boolean {
  return text.startsWith(keyPrefix);
}

/** 256 random bits after a prefix by which secret scanners and people recognize it. */
export function createApiKey(): { secret: string; keyHash: string; prefix: string } {
  const secret = `${keyPrefix}${randomBytes(32).toString("base64url")}`;
  return { secret, keyHash: hashApiKey(secret), prefix: secret.slice(0, prefixLength) };
}

/**
 * Plain SHA-256, not a slow hash: those protect guessable texts, and no one guesses 256 random bits.
 * It is looked up by its hash, so the time that takes reveals something about a hash, whose preimage is unknown, and
 * nothing about a key.
 */
export function hashApiKey(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

export function keyLabel({ name, prefix }: { name: string; prefix: string }): string {
  return `${name} (${prefix}…)`;
}

export type KeyStanding =
  | { works: true }
  | { works: false; reason: "revoked" | "expired" | "owner_disabled" };

/** A key ends with its owner: a service has only the key, a person may be disabled. */
export function keyStanding(
  key: Pick<PresentedKey, "revokedAt" | "expiresAt" | "disabledAt">,
  now: Date,
): KeyStanding {
  if (key.revokedAt !== null) return { works: false, reason: "revoked" };
  if (key.expiresAt !== null && key.expiresAt <= now) return { works: false, reason: "expired" };
  if (key.disabledAt !== null) return { works: false, reason: "owner_disabled" };
  return { works: true };
}

const refusals = {
  unknown: "This API key is not valid. Check it, or create a new one under Settings > API keys.",
  revoked: "This API key was revoked. Create a new one under Settings > API keys.",
  expired: "This API key has expired. Create a new one under Settings > API keys.",
  owner_disabled: "This API key belongs to somebody who was disabled. Ask an admin.",
} as const satisfies Record<string, string>;

const usedEveryMs = 60_000;

interface KeyContext {
  db: Database;
  now: () => Date;
  afterResponse: (work: () => Promise<void>) => void;
}

/**
 * Who a key acts as, by what the database says now. Records once a minute that it was used.
 * @throws NotSignedInError the key does not work, with the reason
 */
export async function seeApiKey(
  ctx: KeyContext,
  secret: string,
): Promise<SignedInUser & { apiKey: ActingKey }> {
  // Anything that is not a key costs no statement.
  const wellFormed = /^ush_[\w-]{43}$/.test(secret);
  const key = wellFormed ? await findPresentedKey(ctx.db, hashApiKey(secret)) : null;
  if (!key) throw new NotSignedInError(refusals.unknown);
  const now = ctx.now();
  const standing = keyStanding(key, now);
  if (!standing.works) throw new NotSignedInError(refusals[standing.reason]);
  const unlessSince = new Date(now.getTime() - usedEveryMs);
  if (key.lastUsedAt === null || key.lastUsedAt <= unlessSince) {
    ctx.afterResponse(() => recordApiKeyUsed(ctx.db, key.id, { at: now, unlessSince }));
  }
  return ownerOf(key);
}

function ownerOf(key: PresentedKey): SignedInUser & { apiKey: ActingKey } {
  const apiKey = { id: key.id, scopes: key.scopes as ApiScope[], label: keyLabel(key) };
  const { userId, email, userName, userRole, serviceRole } = key;
  if (userId !== null && email !== null && userName !== null && userRole !== null) {
    const person = { id: userId, email, name: userName, role: userRole };
    return { ...person, apiKey: { ...apiKey, owner: "person" } };
  }
  if (serviceRole === null) throw new NotSignedInError(refusals.unknown);
  // No person has such an id, so nothing that belongs to a person is found by it.
  const service = { id: `service:${key.id}`, email: `${key.name} (service)`, name: key.name };
  return { ...service, role: serviceRole, apiKey: { ...apiKey, owner: "service" } };
}
