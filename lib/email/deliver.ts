import pLimit from "p-limit";
import type { Database } from "@/lib/db/client";
import {
  type ClaimedMail,
  claimMail,
  deleteMail,
  deleteUselessMail,
  putMailBack,
} from "@/lib/db/email/outgoing-mail";
import type { EmailEnv } from "@/lib/env/email";
import type { Log } from "@/lib/log";
import type { Keyring } from "@/lib/vault/keyring";
import { decideRetry, type MailFailure } from "./decide-retry";
import { renderMail } from "./mail-text";
import { openMailText } from "./sealed-text";
import { createSmtp, mailsAtOnce, type Smtp } from "./smtp";

export interface DeliverContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  log: Log;
  stopping: AbortSignal;
}

/** Claimed together. At 45 s each, two in parallel, they end within the lease. */
const batch = 4;
const leaseMs = 120_000;
/** Claiming stops after this. The next sweep, or the next mail, continues. */
const claimForMs = 60_000;

/** Sends the mail that is due, until none is left or the server stops accepting it. */
export async function deliverMail(ctx: DeliverContext, env: EmailEnv, ca?: string): Promise<void> {
  const stopClaimingAt = performance.now() + claimForMs;
  const smtp = createSmtp(env, ca);
  const limit = pLimit(mailsAtOnce);
  try {
    while (!ctx.stopping.aborted && performance.now() < stopClaimingAt) {
      await deleteUselessMail(ctx.db, ctx.now());
      const claimed = await claimMail(ctx.db, ctx.now(), batch, leaseMs);
      const taken = await Promise.all(claimed.map((mail) => limit(() => deliver(ctx, smtp, mail))));
      if (!taken.includes(true)) break;
    }
  } finally {
    smtp.close();
  }
}

/** @returns whether the server has settled it: a rejected mail says nothing about the others */
async function deliver(ctx: DeliverContext, smtp: Smtp, mail: ClaimedMail): Promise<boolean> {
  const failure = await sendOnce(ctx, smtp, mail);
  const retryAt = failure && decideRetry(failure, mail.attempts, ctx.now());
  try {
    if (failure && retryAt) {
      await putMailBack(ctx.db, mail, { nextAttemptAt: retryAt, lastError: failure.problem });
    } else {
      await deleteMail(ctx.db, mail.id);
    }
  } catch (error) {
    // The lease ends, and it is sent again with the same Message-ID.
    ctx.log.warn({ err: error, mailId: mail.id }, "what became of a mail was not saved");
    return false;
  }
  const told = { mailId: mail.id, attempts: mail.attempts };
  if (!failure) ctx.log.debug(told, "mail sent");
  else if (retryAt) ctx.log.warn({ ...told, problem: failure.problem }, "mail not sent yet");
  else ctx.log.error({ ...told, problem: failure.problem }, "mail given up");
  return failure === null || failure.final;
}

async function sendOnce(
  { keyring, log }: DeliverContext,
  smtp: Smtp,
  mail: ClaimedMail,
): Promise<MailFailure | null> {
  try {
    const text = openMailText(keyring, mail.id, mail.textSealed);
    const list = text.list?.filter(({ noticeId }) => mail.openNoticeIds.includes(noticeId));
    const to = { name: mail.toName, address: mail.to };
    return await smtp.send({
      id: mail.id,
      to,
      date: mail.createdAt,
      ...renderMail({ ...text, list }),
    });
  } catch (error) {
    // Its key may come back.
    log.error({ err: error, mailId: mail.id }, "a stored mail cannot be read");
    return { final: false, problem: "The stored mail cannot be read." };
  }
}
