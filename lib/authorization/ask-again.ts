import type { AuthorizeAgainLink } from "@/lib/contracts/connections/connection-console";
import { findConnectionOwners } from "@/lib/db/accounts/connection-owners";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { noteReauthorizationRequested } from "@/lib/db/notices/notice";
import type { Env } from "@/lib/env";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";

/**
 * Opens a notice for the owner, and returns a link for an admin to hand over. The link leads to a page that its reader
 * would find by themselves, so it needs no lifetime and grants nothing; links that a program requests (link.ts) are
 * valid for minutes and for that program's owner.
 */
export async function askToAuthorizeAgain(
  ctx: { db: Database; env: Pick<Env, "publicUrl">; now: () => Date },
  actor: Actor,
  connectionId: string,
): Promise<AuthorizeAgainLink> {
  const owner = (await findConnectionOwners(ctx.db, [connectionId])).get(connectionId);
  if (!owner) throw new NotFoundError("This connection was revoked. Nobody can be asked for it.");
  const { serverId, serverName, ownerKey, person } = owner;
  if (person?.disabled) {
    throw new ConflictError(`${person.name} is disabled and cannot sign in. Enable them first.`);
  }
  if (owner.managedByOrganization) {
    throw new ConflictError(
      `Access to ${serverName} comes from your organization, so there is nothing to authorize. Change who gets it at the identity provider.`,
    );
  }
  await noteReauthorizationRequested(ctx.db, connectionId, ctx.now());
  await insertAuditEvent(ctx.db, {
    action: "connection.ask-again",
    ...by(actor),
    ...{ serverId, serverName, ownerKey },
    details: { person: person?.email ?? null },
  });
  const page = person
    ? `/connections?${new URLSearchParams({ server: serverId })}`
    : `/mcp-servers/${encodeURIComponent(serverId)}`;
  return { link: ctx.env.publicUrl + page };
}
