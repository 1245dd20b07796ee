import { randomUUID } from "node:crypto";
import { mayUseServer } from "@/lib/access/read-access";
import {
  accountOfOwnerKey,
  ownerKeyOfAccount,
  teamAccount,
} from "@/lib/contracts/connections/account";
import { newAccount } from "@/lib/contracts/connections/asked-account";
import {
  type AuthorizationLink,
  type AuthorizationLinkState,
  pollSeconds,
} from "@/lib/contracts/connections/authorization-link";
import {
  type AskedAuthorizationLink,
  findAuthorizationLink,
  insertAuthorizationLink,
} from "@/lib/db/api/authorization-link";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import {
  type AuthorizationRequestRow,
  findAuthorizationRequestById,
} from "@/lib/db/authorization-request";
import type { Database } from "@/lib/db/client";
import { findMcpServer } from "@/lib/db/mcp-server";
import { listAccountsToUse } from "@/lib/db/servers/server-to-call";
import type { Env } from "@/lib/env";
import { InvalidInputError, NotFoundError } from "@/lib/errors";
import { type AccountsOfServer, hasAccount, ownerKeyOf } from "@/lib/servers/open-endpoint";
import { type Caller, checkPermission } from "@/lib/session/caller";
import { authorizePermission } from "@/lib/session/permissions";
import type { Actor } from "@/lib/session/session-user";
import { newOwner } from "./start";

export interface LinkContext {
  db: Database;
  now: () => Date;
  env: Pick<Env, "publicUrl">;
}

/** How long a person has to open the page, in ms. */
export const linkLifetimeMs = 10 * 60_000;
const dayMs = 24 * 60 * 60_000;

/**
 * Requests a consent that a person gives in a browser. Nothing starts before they confirm it there.
 * @param account of the caller: `new`, or as a request names one. Null: by the server's token sharing
 * @throws ForbiddenError the caller may not authorize this account
 * @throws InvalidInputError there is no such account
 */
export async function createAuthorizationLink(
  ctx: LinkContext,
  caller: Actor & Caller,
  serverId: string,
  account: string | null,
): Promise<AuthorizationLink> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server?.oauthClient || !(await mayUseServer(ctx.db, caller, serverId))) {
    throw new NotFoundError("This MCP server was deleted, or it does not use OAuth 2.0.");
  }
  const sharing = account === teamAccount ? "SHARED" : server.oauthClient.tokenSharing;
  checkPermission(caller, authorizePermission(sharing), "POST");
  const createdAt = ctx.now();
  const link = {
    ...{ id: randomUUID(), serverId, createdAt },
    ownerKey: await ownerKeyFor(ctx.db, server, caller, account),
    userId: caller.apiKey?.owner === "service" ? null : caller.id,
    apiKeyId: caller.apiKey?.id ?? null,
    ipAddress: caller.ipAddress,
    expiresAt: new Date(createdAt.getTime() + linkLifetimeMs),
  };
  await insertAuthorizationLink(ctx.db, link, new Date(createdAt.getTime() - dayMs));
  await insertAuditEvent(ctx.db, {
    action: "connection.ask",
    ...by(caller),
    ...{ serverId, serverName: server.name, ownerKey: link.ownerKey },
  });
  return viewLink(ctx, link, { status: "pending", reason: null }, link.expiresAt);
}

async function ownerKeyFor(
  db: Database,
  server: AccountsOfServer,
  caller: Actor & Caller,
  account: string | null,
): Promise<string> {
  const usual = ownerKeyOf(server, caller.id);
  if (account === null || account === accountOfOwnerKey(usual)) return usual;
  if (account === newAccount) {
    const owner = await newOwner({ db }, caller, server, { returnTo: "/connections" });
    return owner.ownerKey;
  }
  const asked = ownerKeyOfAccount(account, caller.id);
  const stored = await listAccountsToUse(db, server.id, caller.id);
  const exists = account === teamAccount || stored.some(({ ownerKey }) => ownerKey === asked);
  if (exists && hasAccount(server, asked)) return asked;
  throw new InvalidInputError({
    account: `There is no such account at ${server.name}. GET /api/connections/${server.id}/accounts lists yours.`,
  });
}

/** Only for the caller who requested it: with the same key, or in the same person's session. @throws NotFoundError */
export async function readAuthorizationLink(
  ctx: LinkContext,
  caller: Caller,
  { serverId, authorizationId }: { serverId: string; authorizationId: string },
): Promise<AuthorizationLink> {
  const link = await findAuthorizationLink(ctx.db, authorizationId);
  if (!link || link.serverId !== serverId || !isAsker(link, caller)) throw linkNotFound();
  const request = await requestOf(ctx.db, link);
  const expiresAt = request?.expiresAt ?? link.expiresAt;
  return viewLink(ctx, link, linkOutcome(link, request, ctx.now()), expiresAt);
}

export type LinkOutcome = { status: AuthorizationLinkState; reason: string | null };

/** @param request that a person last started from it; null: no one did, or it has ended */
export function linkOutcome(
  link: Pick<AskedAuthorizationLink, "connected" | "cancelledAt" | "requestId" | "expiresAt">,
  request: Pick<AuthorizationRequestRow, "failure" | "expiresAt"> | null,
  now: Date,
): LinkOutcome {
  if (link.connected) return { status: "connected", reason: null };
  if (link.cancelledAt !== null) {
    return { status: "failed", reason: "It was cancelled. Nothing was connected." };
  }
  if (request?.failure) return { status: "failed", reason: request.failure };
  if (link.requestId !== null && request === null) {
    const reason =
      "It did not finish: the server's settings changed, access was revoked, or the provider could not be asked. Start again.";
    return { status: "failed", reason };
  }
  const ends = request?.expiresAt ?? link.expiresAt;
  return { status: ends <= now ? "expired" : "pending", reason: null };
}

export async function requestOf(
  db: Database,
  { requestId }: Pick<AskedAuthorizationLink, "requestId">,
): Promise<AuthorizationRequestRow | null> {
  return requestId === null ? null : findAuthorizationRequestById(db, requestId);
}

/** The same key, or a session of the same person. */
export function isAsker(
  link: Pick<AskedAuthorizationLink, "userId" | "apiKeyId">,
  caller: Caller,
): boolean {
  if (caller.apiKey) return link.apiKeyId === caller.apiKey.id;
  return link.apiKeyId === null && link.userId === caller.id;
}

function viewLink(
  { env }: LinkContext,
  { id }: { id: string },
  outcome: LinkOutcome,
  expiresAt: Date,
): AuthorizationLink {
  return {
    ...{ id, ...outcome, interval: pollSeconds },
    authorizationUrl: `${env.publicUrl}/oauth/link/${id}`,
    expiresAt: expiresAt.toISOString(),
  };
}

export function linkNotFound(): NotFoundError {
  return new NotFoundError("There is no such authorization. Start another one.");
}
