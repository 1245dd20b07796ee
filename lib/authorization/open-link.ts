import { randomUUID } from "node:crypto";
import { mayUseServer } from "@/lib/access/read-access";
import {
  accountOfOwnerKey,
  firstAccount,
  personOfOwnerKey,
  sharedOwnerKey,
  teamAccount,
} from "@/lib/contracts/connections/account";
import {
  type AskedAuthorizationLink,
  beginAuthorizationLink,
  cancelAuthorizationLink,
  findAuthorizationLink,
} from "@/lib/db/api/authorization-link";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { findMcpServer } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import { ForbiddenError, NotFoundError } from "@/lib/errors";
import { type AccountsOfServer, hasAccount, hasAccountChoice } from "@/lib/servers/open-endpoint";
import { keyLabel, keyStanding } from "@/lib/session/api-keys/authenticate";
import type { Caller } from "@/lib/session/caller";
import { authorizePermission, permits } from "@/lib/session/permissions";
import type { Actor, SignedInUser } from "@/lib/session/session-user";
import { isAsker, type LinkContext, linkNotFound, linkOutcome, requestOf } from "./link";

export type LinkDecision =
  | { may: true }
  | { may: false; reason: "over" | "other_person" | "admins_only" };

/**
 * Whether this person may consent by this link. It connects nothing of the person who opens it except what it names:
 * an own account must be theirs, and the team's account is an admin's. The requester must still be allowed to ask.
 */
export function decideLink(
  link: AskedAuthorizationLink,
  user: SignedInUser,
  { now, isOver }: { now: Date; isOver: boolean },
): LinkDecision {
  const shared = link.ownerKey === sharedOwnerKey;
  if (!shared && personOfOwnerKey(link.ownerKey) !== user.id) {
    return { may: false, reason: "other_person" };
  }
  const permission = authorizePermission(shared ? "SHARED" : "PER_USER");
  if (!permits(user.role, permission)) return { may: false, reason: "admins_only" };
  const disabledAt = link.user?.disabledAt ?? null;
  const key = link.apiKey ? { ...link.apiKey, disabledAt } : null;
  const askerRole = link.user?.role ?? link.apiKey?.role;
  const askerMay =
    disabledAt === null &&
    (key === null || keyStanding(key, now).works) &&
    askerRole !== undefined &&
    askerRole !== null &&
    permits(askerRole, permission);
  return isOver || !askerMay ? { may: false, reason: "over" } : { may: true };
}

export type OpenedLink =
  | {
      kind: "open";
      serverId: string;
      serverName: string;
      shared: boolean;
      /** It is the team's account at a server where people have their own. */
      besideOwn: boolean;
      /** It is one of several accounts of the person. */
      further: boolean;
      /** The requester: a key and its person, or a person. */
      askedBy: string;
      ipAddress: string | null;
      askedAt: string;
    }
  | { kind: "over" | "other_person" | "admins_only" };

/** For its page. Looking at it starts nothing. */
export async function openAuthorizationLink(
  ctx: LinkContext,
  user: SignedInUser,
  id: string,
): Promise<OpenedLink> {
  const found = await usableLink(ctx, user, id);
  if ("reason" in found) return { kind: found.reason };
  const { link, server } = found;
  const shared = link.ownerKey === sharedOwnerKey;
  return {
    kind: "open",
    ...{ serverId: link.serverId, serverName: server.name, shared },
    ...{ besideOwn: shared && hasAccountChoice(server), further: isFurther(link.ownerKey) },
    ...{ askedBy: askerInWords(link), ipAddress: link.ipAddress },
    askedAt: link.createdAt.toISOString(),
  };
}

/**
 * The person confirmed it: records which flow it leads to.
 * @returns the id that the authorization request gets, and the account that it is for
 */
export async function confirmAuthorizationLink(
  ctx: LinkContext,
  user: SignedInUser,
  { id, serverId }: { id: string; serverId: string },
): Promise<{ requestId: string; account: string; otherAccount: boolean }> {
  const found = await usableLink(ctx, user, id);
  if ("reason" in found || found.link.serverId !== serverId) throw refusal(found);
  const requestId = randomUUID();
  if (!(await beginAuthorizationLink(ctx.db, id, requestId))) throw refusal({ reason: "over" });
  const { ownerKey } = found.link;
  // The person is probably signed in at the provider with the account that is connected already.
  const otherAccount =
    isFurther(ownerKey) && (await findTokenSet(ctx.db, { serverId, ownerKey })) === null;
  return { requestId, account: accountOfOwnerKey(ownerKey), otherAccount };
}

function isFurther(ownerKey: string): boolean {
  const account = accountOfOwnerKey(ownerKey);
  return account !== firstAccount && account !== teamAccount;
}

/**
 * By the requester, or by the person on its page who did not expect it: it can no longer be used, a flow that was
 * started from it ends, and the polling program is told.
 */
export async function cancelLink(
  ctx: LinkContext,
  caller: Actor & Caller,
  { serverId, authorizationId: id }: { serverId: string; authorizationId: string },
): Promise<void> {
  const link = await findAuthorizationLink(ctx.db, id);
  if (!link || link.serverId !== serverId) throw linkNotFound();
  if (!isAsker(link, caller)) {
    if (caller.apiKey) throw linkNotFound();
    const found = await usableLink(ctx, caller, id);
    if ("reason" in found) throw refusal(found);
  }
  if (!(await cancelAuthorizationLink(ctx.db, id, ctx.now()))) throw refusal({ reason: "over" });
  const server = await findMcpServer(ctx.db, serverId);
  await insertAuditEvent(ctx.db, {
    action: "connection.cancel",
    ...by(caller),
    ...{ serverId, serverName: server?.name ?? null, ownerKey: link.ownerKey },
    details: { askedBy: askerInWords(link) },
  });
}

type Unusable = Extract<LinkDecision, { may: false }>;

async function usableLink(
  ctx: LinkContext,
  user: SignedInUser,
  id: string,
): Promise<{ link: AskedAuthorizationLink; server: AccountsOfServer } | Pick<Unusable, "reason">> {
  const link = await findAuthorizationLink(ctx.db, id);
  if (!link) return { reason: "over" };
  const server = await findMcpServer(ctx.db, link.serverId);
  const now = ctx.now();
  const { status } = linkOutcome(link, await requestOf(ctx.db, link), now);
  // If sharing has changed since, another account would be connected than was requested.
  const isSame = server?.oauthClient && hasAccount(server, link.ownerKey);
  const isOver =
    !isSame ||
    !(await mayUseServer(ctx.db, user, link.serverId)) ||
    status === "connected" ||
    link.cancelledAt !== null ||
    link.expiresAt <= now;
  const decision = decideLink(link, user, { now, isOver });
  if (!decision.may) return decision;
  return server ? { link, server } : { reason: "over" };
}

function askerInWords({ user, apiKey }: AskedAuthorizationLink): string {
  const key = apiKey ? `the API key ${keyLabel(apiKey)}` : null;
  if (key === null) return user?.email ?? "somebody";
  return user ? `${key} of ${user.email}` : `${key} of a service`;
}

function refusal(found: object): Error {
  const reason = "reason" in found ? found.reason : "over";
  if (reason === "over") {
    return new NotFoundError("This link was used, cancelled or has expired.");
  }
  return new ForbiddenError(
    reason === "other_person"
      ? "This link is for somebody else's account. Nothing was connected."
      : "This account is shared by the team, so an admin authorizes it. Ask an admin.",
  );
}
