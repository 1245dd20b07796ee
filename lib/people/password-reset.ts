import {
  decideResetLink,
  type ResetLink,
  type ResetPasswordInput,
  resetLinkHours,
} from "@/lib/contracts/people/password-reset";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { claimPasswordReset, findPasswordReset, storePasswordReset } from "@/lib/db/password-reset";
import { findUserByEmail, findUserById, listAdmins, type UserRow } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Client } from "@/lib/session/client";
import { hashPassword } from "@/lib/session/password";
import type { Actor, SessionContext } from "@/lib/session/session-user";
import { startSession } from "@/lib/session/sessions";
import { forgiveFailures, recordSignedIn } from "@/lib/session/sign-in";
import { signInCookies } from "@/lib/session/sign-in-cookies";
import { createOneTimeToken, hashOneTimeToken } from "./invite";
import { removeTwoFactorAsOperator } from "./two-factor-reset";
import { isActiveAdmin, viewPerson } from "./view";

export interface ResetLinkContext {
  db: Database;
  now: () => Date;
  env: Pick<Env, "publicUrl">;
}

const hourMs = 60 * 60 * 1000;

/**
 * For an admin, who shares the link. It replaces an earlier one.
 * @throws ConflictError this account gets no link, with the reason
 */
export async function createResetLink(
  ctx: ResetLinkContext,
  actor: Actor,
  userId: string,
): Promise<ResetLink> {
  const person = await findUserById(ctx.db, userId);
  if (!person) throw new NotFoundError("This person is no longer here.");
  const asker = person.id === actor.id ? "themselves" : "another admin";
  const decision = decideResetLink(viewPerson(person, false), asker);
  if (!decision.may) throw new ConflictError(decision.reason);
  const details = { email: person.email };
  const event = { action: "person.create-reset-link", ...by(actor), details };
  return storeResetLink(ctx, person, actor.id, (tx) => insertAuditEvent(ctx.db, event, tx));
}

/**
 * Replaces an earlier link.
 * @param createdById null: the server's command line, or a mail
 * @param also runs in the same transaction, and records the event
 */
export async function storeResetLink(
  ctx: ResetLinkContext,
  person: UserRow,
  createdById: string | null,
  also: (tx: DatabaseTransaction, made: { link: string; tokenHash: string }) => Promise<void>,
): Promise<ResetLink> {
  const { token, tokenHash } = createOneTimeToken();
  const createdAt = ctx.now();
  const expiresAt = new Date(createdAt.getTime() + resetLinkHours * hourMs);
  const reset = { userId: person.id, tokenHash, expiresAt, createdById, createdAt };
  const link = `${ctx.env.publicUrl}/reset-password/${token}`;
  const stored = await storePasswordReset(ctx.db, reset, (tx) => also(tx, { link, tokenHash }));
  if (!stored) throw new ConflictError(`${person.name} was disabled just now.`);
  return { email: person.email, link, expiresAt: expiresAt.toISOString() };
}

/** For the command line: a link, or why there is none and which admins could get one. */
export type OperatorResetLink =
  | { kind: "created"; link: ResetLink; twoFactor: "none" | "kept" | "removed" }
  | { kind: "refused"; reason: string; admins: readonly ListedAdmin[] };

export interface ListedAdmin {
  email: string;
  name: string;
  /** Facts that matter for a link, such as `disabled`. */
  notes: readonly string[];
}

/**
 * For a person who may run commands on the server: a locked-out admin gets a link without another
 * admin. It changes no one's role or access.
 * @param email null: the only active admin with a password
 * @param removesTwoFactor so that the new password is enough
 */
export async function createResetLinkAsOperator(
  ctx: ResetLinkContext,
  email: string | null,
  { removesTwoFactor = false } = {},
): Promise<OperatorResetLink> {
  const admins = await listAdmins(ctx.db);
  const refuse = (reason: string): OperatorResetLink => ({
    kind: "refused",
    reason,
    admins: admins.map(listed),
  });
  if (admins.length === 0) {
    return refuse("Usher has no admin yet. Open the set-up link in the server's log.");
  }
  const person = email === null ? onlyAdmin(admins) : await findUserByEmail(ctx.db, plain(email));
  if (!person) {
    return refuse(
      email === null
        ? "Say whose password to reset: npm run admin:reset -- --email ada@example.com"
        : `Nobody has an account with the address ${plain(email)}.`,
    );
  }
  const decision = decideResetLink(viewPerson(person, false), "operator");
  if (!decision.may) return refuse(decision.reason);
  const twoFactor = person.twoFactorSince === null ? "none" : "kept";
  if (removesTwoFactor) {
    const reason = await removeTwoFactorAsOperator(ctx, person);
    if (reason !== null) return refuse(reason);
  }
  const details = { email: person.email, by: "command line" };
  const nobody = { actorId: null, actorEmail: null };
  const event = { action: "person.create-reset-link", ...nobody, details };
  const link = await storeResetLink(ctx, person, null, (tx) => insertAuditEvent(ctx.db, event, tx));
  return { kind: "created", link, twoFactor: removesTwoFactor ? "removed" : twoFactor };
}

function onlyAdmin(admins: readonly UserRow[]): UserRow | undefined {
  const fit = admins.filter((each) => each.disabledAt === null && each.passwordHash !== null);
  return fit.length === 1 ? fit[0] : undefined;
}

function listed({ email, name, disabledAt, passwordHash }: UserRow): ListedAdmin {
  const notes = [
    ...(disabledAt === null ? [] : ["disabled"]),
    ...(passwordHash === null ? ["single sign-on only"] : []),
  ];
  return { email, name, notes };
}

function plain(email: string): string {
  return email.trim().toLowerCase();
}

/** Whose password a link sets. Looking does not use it up: mail scanners open links. */
export interface OpenPasswordReset {
  userId: string;
  email: string;
  name: string;
}

/** @throws NotFoundError the link is unknown, used, replaced or expired, or no longer counts */
export async function openPasswordReset(
  ctx: { db: Database; now: () => Date },
  token: string,
): Promise<OpenPasswordReset> {
  const row = await findPasswordReset(ctx.db, hashOneTimeToken(token));
  const counts = row && (row.createdBy === null || isActiveAdmin(row.createdBy));
  if (!counts || row.user.disabledAt !== null || row.expiresAt <= ctx.now()) throw linkEnded();
  return { userId: row.userId, email: row.user.email, name: row.user.name };
}

/**
 * Sets the password, ends every session of this person, and signs this browser in: a valid link proves
 * more than a password does, so the limit on wrong passwords does not apply. It does not replace two-factor
 * authentication: whoever uses it signs in with the new password and a code.
 * @returns Set-Cookie headers; none: they are not signed in
 * @throws NotFoundError as above
 */
export async function resetPassword(
  ctx: SessionContext,
  input: ResetPasswordInput,
  client: Client,
): Promise<string[]> {
  await openPasswordReset(ctx, input.token);
  const { ipAddress } = client;
  const changed = await claimPasswordReset(
    ctx.db,
    {
      tokenHash: hashOneTimeToken(input.token),
      passwordHash: await hashPassword(input.password),
      now: ctx.now(),
    },
    (user) => ({ action: "person.reset-password", ...by({ ...user, ipAddress }) }),
  );
  if (!changed) throw linkEnded();
  await forgiveFailures(ctx, changed.email, ipAddress);
  if (changed.twoFactorSince !== null) return [];
  const user = await recordSignedIn(ctx, changed, "password", ipAddress);
  const sessionId = await startSession(ctx, user, client, "password");
  return sessionId ? signInCookies(ctx, user.id, sessionId) : [];
}

function linkEnded(): NotFoundError {
  return new NotFoundError(
    "This reset link was used, replaced or has expired. Ask an admin for a new link.",
  );
}
