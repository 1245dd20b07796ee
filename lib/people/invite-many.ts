import {
  type InviteManyInput,
  type InviteManyResult,
  type InviteManyRow,
  mostInvited,
} from "@/lib/contracts/people/invite-many";
import { by } from "@/lib/db/audit-event";
import { insertInvitations } from "@/lib/db/invitation";
import { findUserIds } from "@/lib/db/user";
import { InvalidInputError } from "@/lib/errors";
import type { Actor } from "@/lib/session/session-user";
import {
  createOneTimeToken,
  invitationLink,
  mailInvitations,
  type PeopleContext,
  untilWhen,
} from "./invite";
import { readInvitations } from "./read-invitations";

/**
 * Invites everyone in a pasted list who can be invited, all of them or, if the database fails, no one: a link is
 * shown once, so none may be created that no one sees.
 * @throws InvalidInputError too many at once
 */
export async function inviteMany(
  ctx: PeopleContext,
  actor: Actor,
  input: InviteManyInput,
): Promise<InviteManyResult> {
  const read = readInvitations(input.text, input.role);
  if (read.length > mostInvited) {
    throw new InvalidInputError({
      text: `These are ${read.length} rows. Invite at most ${mostInvited} people at once.`,
    });
  }
  const addresses = read.flatMap(({ email }) => (email === null ? [] : [email]));
  const known = await findUserIds(ctx.db, addresses);
  const invitations: Parameters<typeof insertInvitations>[1][number][] = [];
  const mails: Parameters<typeof mailInvitations>[3][number][] = [];
  const rows = read.map((row): InviteManyRow => {
    const { entered } = row;
    if (row.email === null) return { result: "left_out", entered, reason: row.reason };
    if (known.has(row.email)) return { result: "left_out", entered, reason: "Already here" };
    const { token, tokenHash } = createOneTimeToken();
    const { email, role } = row;
    const expiresAt = untilWhen(ctx.now());
    invitations.push({ email, role, tokenHash, expiresAt, invitedById: actor.id });
    const link = invitationLink(ctx.env, token);
    mails.push({ email, link, tokenHash });
    return { result: "invited", email, role, link };
  });
  await insertInvitations(
    ctx.db,
    invitations,
    ({ email, role }) => ({ action: "person.invite", ...by(actor), details: { email, role } }),
    (tx) => mailInvitations(ctx, actor, tx, mails),
  );
  return { rows, mailed: ctx.mail !== null };
}
