import { createHash, randomBytes } from "node:crypto";
import type {
  AcceptInvitationInput,
  InviteInput,
  InviteResult,
} from "@/lib/contracts/people/person";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import {
  acceptInvitation as acceptInvitationRow,
  findInvitationByTokenHash,
  insertInvitation,
} from "@/lib/db/invitation";
import { findUserByEmail, type UserRow } from "@/lib/db/user";
import type { Outbox } from "@/lib/email/outbox";
import type { Env } from "@/lib/env";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import { clientNetwork } from "@/lib/session/client";
import { hashPassword } from "@/lib/session/password";
import {
  acceptPerInvitation,
  enforceRateLimit,
  unknownInvitationPerClient,
} from "@/lib/session/rate-limit";
import type { Actor } from "@/lib/session/session-user";
import { invitationMail } from "./link-mails";
import { isActiveAdmin, viewInvitation } from "./view";

export interface PeopleContext {
  db: Database;
  now: () => Date;
  env: Pick<Env, "publicUrl">;
  /** Null: Usher sends no mail. */
  mail: Pick<Outbox, "queue"> | null;
}

const validDays = 7;
const dayMs = 24 * 60 * 60 * 1000;

/** Until when a link created now works. */
export function untilWhen(now: Date): Date {
  return new Date(now.getTime() + validDays * dayMs);
}

export function invitationLink({ publicUrl }: Pick<Env, "publicUrl">, token: string): string {
  return `${publicUrl}/invite/${token}`;
}

/** The admin shares the link, which Usher also mails if it sends mail. Only its hash is stored. */
export async function invite(
  ctx: PeopleContext,
  actor: Actor,
  input: InviteInput,
): Promise<InviteResult> {
  if (await findUserByEmail(ctx.db, input.email)) {
    throw new InvalidInputError({
      email: "This person is already here. Change their role in the list instead.",
    });
  }
  const { token, tokenHash } = createOneTimeToken();
  const now = ctx.now();
  const { email, role } = input;
  const link = invitationLink(ctx.env, token);
  const row = await insertInvitation(
    ctx.db,
    { email, role, tokenHash, expiresAt: untilWhen(now), invitedById: actor.id },
    async (tx) => {
      await mailInvitations(ctx, actor, tx, [{ email, link, tokenHash }]);
      const event = { action: "person.invite", ...by(actor), details: { email, role } };
      await insertAuditEvent(ctx.db, event, tx);
    },
  );
  return { invitation: viewInvitation(row, now), link, mailed: ctx.mail !== null };
}

/** In the transaction that stores them. */
export async function mailInvitations(
  ctx: Pick<PeopleContext, "env" | "mail">,
  invitedBy: Pick<Actor, "name">,
  tx: DatabaseTransaction,
  invitations: readonly { email: string; link: string; tokenHash: string }[],
): Promise<void> {
  const { publicUrl } = ctx.env;
  await ctx.mail?.queue(
    tx,
    invitations.map(({ email, link, tokenHash }) => ({
      to: { address: email },
      text: invitationMail({ link, publicUrl, invitedBy: invitedBy.name }),
      tokenHash,
    })),
  );
}

/** @throws NotFoundError the link is unknown, used or has ended */
export async function openInvitation(
  ctx: PeopleContext,
  token: string,
): Promise<{ id: string; email: string; invitedBy: string }> {
  const row = await findInvitationByTokenHash(ctx.db, hashOneTimeToken(token));
  const isOpen = row && row.acceptedAt === null && row.expiresAt > ctx.now();
  if (!isOpen || !isActiveAdmin(row.invitedBy)) {
    throw new NotFoundError(
      "This invitation was used, withdrawn or has ended. Ask an admin for a new link.",
    );
  }
  return { id: row.id, email: row.email, invitedBy: row.invitedBy.name };
}

export async function acceptInvitation(
  ctx: PeopleContext,
  input: AcceptInvitationInput,
  ipAddress: string | null,
): Promise<UserRow> {
  const invitation = await openCounted(ctx, input.token, ipAddress);
  if (await findUserByEmail(ctx.db, invitation.email)) {
    throw new ConflictError("There is already an account with this address. Sign in instead.");
  }
  const passwordHash = await hashPassword(input.password);
  const user = await acceptInvitationRow(
    ctx.db,
    invitation.id,
    { name: input.name, passwordHash, now: ctx.now() },
    (joined) => ({
      action: "person.join",
      ...by({ ...joined, ipAddress }),
      details: { role: joined.role },
    }),
  );
  if (!user) throw new ConflictError("This invitation was used just now. Sign in instead.");
  return user;
}

/**
 * A whole office joins from one network, so tries are counted per invitation. Invalid tries are counted per
 * network. @throws RateLimitedError
 */
async function openCounted(ctx: PeopleContext, token: string, ipAddress: string | null) {
  try {
    const invitation = await openInvitation(ctx, token);
    await enforceRateLimit(ctx, acceptPerInvitation, invitation.id);
    return invitation;
  } catch (error) {
    if (error instanceof NotFoundError) {
      await enforceRateLimit(ctx, unknownInvitationPerClient, clientNetwork(ipAddress));
    }
    throw error;
  }
}

/** 256 bits, for a one-time link. The link contains the token; the database only its hash. */
export function createOneTimeToken(): { token: string; tokenHash: string } {
  const token = randomBytes(32).toString("base64url");
  return { token, tokenHash: hashOneTimeToken(token) };
}

export function hashOneTimeToken(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
