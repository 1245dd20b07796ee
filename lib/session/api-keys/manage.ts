import { randomUUID } from "node:crypto";
import type {
  ApiKeyCreated,
  ApiKeyInput,
  ApiKeyList,
  ApiKeyState,
  ApiKeyView,
} from "@/lib/contracts/api-keys";
import type { ApiScope } from "@/lib/contracts/api-scopes";
import {
  countApiKeys,
  deleteApiKeysRevokedBefore,
  findApiKey,
  insertApiKey,
  type ListedApiKey,
  listApiKeys,
  revokeApiKey,
} from "@/lib/db/api/api-key";
import { by } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { offeredScopes, permits } from "@/lib/session/permissions";
import type { Actor, SignedInUser } from "@/lib/session/session-user";
import { createApiKey, keyLabel, keyStanding } from "./authenticate";

interface ManageContext {
  db: Database;
  now: () => Date;
}

const dayMs = 24 * 60 * 60_000;
/** For one person, and for all services together. */
const mostKeys = 100;
/** For this long the user of a revoked key is told that it was revoked. */
const revokedDays = 90;

/** A person's own keys; an admin also sees those of services and of other people. */
export async function viewApiKeys(ctx: ManageContext, user: SignedInUser): Promise<ApiKeyList> {
  const isTeam = permits(user.role, "api-keys.manage-team");
  const rows = await listApiKeys(ctx.db, isTeam ? null : user.id);
  const now = ctx.now();
  const views = (which: (row: ListedApiKey) => boolean) =>
    rows.filter(which).map((row) => viewApiKey(row, now));
  return {
    own: views(({ userId }) => userId === user.id),
    team: isTeam
      ? {
          services: views(({ userId }) => userId === null),
          others: views(({ userId }) => userId !== null && userId !== user.id),
        }
      : null,
    offered: {
      person: offeredScopes("person", user.role),
      service: isTeam
        ? {
            ADMIN: offeredScopes("service", "ADMIN"),
            MEMBER: offeredScopes("service", "MEMBER"),
            AUDITOR: offeredScopes("service", "AUDITOR"),
          }
        : null,
    },
  };
}

/** @throws InvalidInputError a scope that the role does not have. @throws ConflictError too many keys */
export async function createKey(
  ctx: ManageContext,
  actor: Actor,
  input: ApiKeyInput,
): Promise<ApiKeyCreated> {
  const role = input.role ?? actor.role;
  checkScopes(input.scopes, offeredScopes(input.owner, role));
  const userId = input.owner === "person" ? actor.id : null;
  if ((await countApiKeys(ctx.db, userId)) >= mostKeys) {
    throw new ConflictError(`There are ${mostKeys} keys already. Revoke one that is not used.`);
  }
  const { secret, keyHash, prefix } = createApiKey();
  const createdAt = ctx.now();
  const { expiresInDays } = input;
  await deleteApiKeysRevokedBefore(ctx.db, new Date(createdAt.getTime() - revokedDays * dayMs));
  const key = {
    ...{ id: randomUUID(), name: input.name, keyHash, prefix, userId },
    role: input.owner === "service" ? role : null,
    scopes: [...new Set(input.scopes)],
    createdById: actor.id,
    createdAt,
    expiresAt:
      expiresInDays === null ? null : new Date(createdAt.getTime() + expiresInDays * dayMs),
    lastUsedAt: null,
    revokedAt: null,
  };
  const row = await insertApiKey(ctx.db, key, (created) => ({
    action: "api-key.create",
    ...by(actor),
    details: {
      key: keyLabel(created),
      owner: ownerInWords(created),
      scopes: created.scopes,
      expires: created.expiresAt?.toISOString() ?? "never",
    },
  }));
  return { apiKey: viewApiKey(row, createdAt), secret };
}

/** One's own, or for an admin anyone's. It stops working with the next request. @throws NotFoundError */
export async function revokeKey(ctx: ManageContext, actor: Actor, id: string): Promise<void> {
  const row = await findApiKey(ctx.db, id);
  const may = row?.userId === actor.id || permits(actor.role, "api-keys.manage-team");
  if (!row || !may) throw alreadyRevoked();
  const details = { key: keyLabel(row), owner: ownerInWords(row) };
  const event = { action: "api-key.revoke", ...by(actor), details };
  if (!(await revokeApiKey(ctx.db, id, ctx.now(), event))) throw alreadyRevoked();
}

function alreadyRevoked(): NotFoundError {
  return new NotFoundError("This API key was revoked already.");
}

function checkScopes(asked: readonly ApiScope[], offered: readonly ApiScope[]): void {
  const beyond = asked.filter((scope) => !offered.includes(scope));
  if (beyond.length === 0) return;
  throw new InvalidInputError({
    scopes: `This role does not allow ${beyond.join(", ")}. Leave it out.`,
  });
}

function ownerInWords({ user, role }: ListedApiKey): string {
  return user?.email ?? `service, ${(role ?? "MEMBER").toLowerCase()}`;
}

export function viewApiKey(row: ListedApiKey, now: Date): ApiKeyView {
  const { id, name, prefix, user, scopes } = row;
  return {
    ...{ id, name, prefix },
    owner: user ? "person" : "service",
    ownerEmail: user?.email ?? null,
    role: user?.role ?? row.role ?? "MEMBER",
    scopes: scopes as ApiScope[],
    state: stateOf(row, now),
    createdBy: row.createdBy?.email ?? null,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
  };
}

function stateOf(row: ListedApiKey, now: Date): ApiKeyState {
  const standing = keyStanding({ ...row, disabledAt: row.user?.disabledAt ?? null }, now);
  if (standing.works || standing.reason === "revoked") return "active";
  return standing.reason;
}
