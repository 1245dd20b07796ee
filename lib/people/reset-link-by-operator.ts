import { decideResetLink, type ResetLink } from "@/lib/contracts/people/password-reset";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { findUserByEmail, listAdmins, type UserRow } from "@/lib/db/user";
import { type ResetLinkContext, storeResetLink } from "./reset-link";
import { viewPerson } from "./view";

/** For the command line: a link, or the reason there is none and the admins who could get one. */
export type OperatorResetLink =
  | { kind: "created"; link: ResetLink }
  | { kind: "refused"; reason: string; admins: readonly ListedAdmin[] };

export interface ListedAdmin {
  email: string;
  name: string;
  /** What matters for a link, such as `disabled`. */
  notes: readonly string[];
}

/**
 * For whoever may run commands on the server: an admin who is locked out gets a link without another
 * admin. It changes nobody's role or access.
 * @param email null: the only active admin with a password
 */
export async function createResetLinkAsOperator(
  ctx: ResetLinkContext,
  email: string | null,
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
  const link = await storeResetLink(ctx, person, null);
  await insertAuditEvent(ctx.db, {
    action: "person.create-reset-link",
    actorId: null,
    actorEmail: null,
    details: { email: person.email, by: "command line" },
  });
  return { kind: "created", link };
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
