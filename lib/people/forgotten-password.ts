import { decideResetLink } from "@/lib/contracts/people/password-reset";
import { insertAuditEvent } from "@/lib/db/audit-event";
import { findUserByEmail } from "@/lib/db/user";
import type { Outbox } from "@/lib/email/outbox";
import { NotFoundError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import { clientNetwork } from "@/lib/session/client";
import {
  enforceRateLimit,
  forgottenPerAddress,
  forgottenPerClient,
} from "@/lib/session/rate-limit";
import { resetMail } from "./link-mails";
import { type ResetLinkContext, storeResetLink } from "./password-reset";
import { viewPerson } from "./view";

export interface ForgottenContext extends ResetLinkContext {
  mail: Pick<Outbox, "queue" | "deliverDue"> | null;
  log: Log;
  afterResponse: (work: () => Promise<void>) => void;
}

/**
 * Answers the same, after the same work, for every address: whether it has an account is looked up after the response.
 * @throws RateLimitedError known or not. @throws NotFoundError Usher sends no mail
 */
export async function askForResetMail(
  ctx: ForgottenContext,
  email: string,
  ipAddress: string | null,
): Promise<void> {
  const { mail } = ctx;
  if (!mail) throw new NotFoundError("Usher sends no email here. Ask an admin for a reset link.");
  await enforceRateLimit(ctx, forgottenPerClient, clientNetwork(ipAddress));
  await enforceRateLimit(ctx, forgottenPerAddress, email);
  ctx.afterResponse(async () => {
    try {
      await mailResetLink(ctx, mail, email, ipAddress);
      await mail.deliverDue();
    } catch (error) {
      ctx.log.error({ err: error }, "a reset mail could not be queued");
    }
  });
}

/** Sends nothing to a person who is unknown or disabled, or who can only sign in with an identity provider. */
async function mailResetLink(
  ctx: ForgottenContext,
  mail: Pick<Outbox, "queue">,
  email: string,
  ipAddress: string | null,
): Promise<void> {
  const person = await findUserByEmail(ctx.db, email);
  if (!person || !decideResetLink(viewPerson(person, false), "email").may) return;
  await storeResetLink(ctx, person, null, async (tx, { link, tokenHash }) => {
    const text = resetMail({ link, publicUrl: ctx.env.publicUrl });
    await mail.queue(tx, [{ to: { userId: person.id }, text, tokenHash }]);
    const details = { email: person.email, by: "email" };
    await insertAuditEvent(
      ctx.db,
      { action: "person.create-reset-link", actorId: null, actorEmail: null, ipAddress, details },
      tx,
    );
  });
}
