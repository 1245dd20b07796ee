import type { SingleSignOnView } from "@/lib/contracts/people/sign-in";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { findIdentityTokens } from "@/lib/db/people/identity-tokens";
import {
  deleteOidcIdentitiesOf,
  findOidcIdentity,
  findOidcIdentityOf,
  insertOidcIdentity,
  listOidcIdentitiesOf,
} from "@/lib/db/people/oidc-identity";
import { findUserById } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { ConflictError } from "@/lib/errors";
import type { Client } from "@/lib/session/client";
import { type Actor, type SessionContext, sessionUser } from "@/lib/session/session-user";
import type { OidcProfile } from "./claims";
import { OidcFailure } from "./failure";
import type { OidcFlow } from "./flow";
import { identityStanding } from "./identity-standing";

/**
 * Links the person who came back from the provider to the account of the session that sent them there, which must
 * still be valid: a person signed out or disabled in the meantime links nothing.
 * @throws OidcFailure
 */
export async function linkOidcIdentity(
  ctx: SessionContext,
  link: NonNullable<OidcFlow["link"]>,
  profile: OidcProfile,
  client: Client,
): Promise<void> {
  const user = await sessionUser(ctx, client.cookies);
  if (user?.id !== link.userId || user.sessionId !== link.sessionId) {
    throw new OidcFailure("LinkOfSomebodyElse");
  }
  const { issuer, subject, email, name } = profile;
  const known = await findOidcIdentity(ctx.db, issuer, subject);
  if (known?.userId === user.id) return;
  if (known) throw new OidcFailure("LinkedElsewhere");
  if (await findOidcIdentityOf(ctx.db, user.id, issuer)) throw new OidcFailure("AlreadyLinked");
  const inserted = await insertOidcIdentity(ctx.db, {
    ...{ issuer, subject, email, name, userId: user.id },
    ...{ lastSignInAt: null, createdAt: ctx.now() },
  });
  if (inserted === "taken") throw new OidcFailure("LinkedElsewhere");
  const { ipAddress } = client;
  await insertAuditEvent(ctx.db, {
    action: "person.link",
    ...by({ ...user, ipAddress }),
    details: { issuer, subject, by: "themself" },
  });
}

/** @throws ConflictError it is their only way in */
export async function unlinkOwnOidcIdentity(
  ctx: Pick<SessionContext, "db">,
  user: Actor,
): Promise<void> {
  const row = await findUserById(ctx.db, user.id);
  if (!row?.passwordHash) {
    throw new ConflictError("You have no password. Without single sign-on you could not sign in.");
  }
  await unlink(ctx, user, user);
}

/** For an admin: the person's next verified sign-in at the provider links their account again. */
export async function resetOidcIdentity(
  ctx: Pick<SessionContext, "db">,
  actor: Actor,
  userId: string,
): Promise<void> {
  const row = await findUserById(ctx.db, userId);
  if (row) await unlink(ctx, actor, row);
}

async function unlink(
  ctx: Pick<SessionContext, "db">,
  actor: Actor,
  person: { id: string; email: string },
): Promise<void> {
  const details = { email: person.email };
  await deleteOidcIdentitiesOf(ctx.db, person.id, {
    ...{ action: "person.unlink", details },
    ...by(actor),
  });
}

export async function viewSingleSignOn(
  ctx: Pick<SessionContext, "db" | "now"> & { env: Pick<Env, "oidc"> },
  userId: string,
): Promise<SingleSignOnView> {
  const { oidc } = ctx.env;
  const [user, [identity], tokens] = await Promise.all([
    findUserById(ctx.db, userId),
    listOidcIdentitiesOf(ctx.db, userId),
    oidc?.keepTokens ? findIdentityTokens(ctx.db, userId) : null,
  ]);
  const isKept =
    tokens &&
    tokens.clientId === oidc?.clientId &&
    tokens.issuer === identity?.issuer &&
    identityStanding(tokens, ctx.now()).is !== "over";
  return {
    provider: oidc?.name ?? null,
    linked: identity
      ? { email: identity.email, lastSignInAt: identity.lastSignInAt?.toISOString() ?? null }
      : null,
    kept: oidc?.keepTokens ? { since: isKept ? tokens.signedInAt.toISOString() : null } : null,
    hasPassword: Boolean(user?.passwordHash),
  };
}
