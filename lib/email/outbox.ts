import { randomUUID } from "node:crypto";
import type { DatabaseTransaction } from "@/lib/db/client";
import { insertOutgoingMail } from "@/lib/db/email/outgoing-mail";
import type { Env } from "@/lib/env";
import type { EmailEnv } from "@/lib/env/email";
import { createQueueTimers } from "@/lib/queue-timers";
import type { WorkUnderWay } from "@/lib/work-under-way";
import type { DeliverContext } from "./deliver";
import type { MailText } from "./mail-text";
import { sealMailText } from "./sealed-text";

export interface NewMail {
  /** A person, or the address of someone without an account. */
  to: { userId: string } | { address: string };
  text: MailText;
  /** Of the one-time link in it: once that is useless, the mail is not sent. */
  tokenHash?: string;
  /** The notices in its list: once none of them is open, the mail is not sent. */
  noticeIds?: string[];
}

export interface Outbox {
  /** Stores mails in the transaction of what they report. They are sent once it has ended. */
  queue(tx: DatabaseTransaction, mails: readonly NewMail[]): Promise<void>;
  /** The URL of a page of Usher, for a mail. @param path such as `/connections` */
  urlOf(path: string): string;
  /** Whether something was queued since `deliverDue` last looked. */
  isAwake(): boolean;
  /** Sends everything that is due. Resolves when nothing is in progress in this process. Never throws. */
  deliverDue(): Promise<void>;
}

export type OutboxContext = DeliverContext & {
  underWay: WorkUnderWay;
  env: Pick<Env, "publicUrl">;
};

/** @param ca as in `createSmtp` */
export function createOutbox(app: () => OutboxContext, env: EmailEnv, ca?: string): Outbox {
  // `awake` stays: the transaction may still be open, so the end of the request has to look as well.
  const timers = createQueueTimers(() => void look());
  let awake = false;
  let running: Promise<void> | null = null;
  let askedAgain = false;

  async function run(): Promise<void> {
    const ctx = app();
    try {
      // Nothing is mailed at startup, so that the start does not load the mail code.
      const { deliverMail } = await import("./deliver");
      do {
        askedAgain = false;
        await deliverMail(ctx, env, ca);
      } while (askedAgain);
    } catch (error) {
      ctx.log.warn({ err: error }, "mail stopped; the next sweep goes on");
    } finally {
      running = null;
    }
  }

  async function look(): Promise<void> {
    const ctx = app();
    if (ctx.stopping.aborted) return;
    // What was queued after its last check must not wait for the sweep.
    if (running) askedAgain = true;
    else running = ctx.underWay.keep(run());
    await running;
  }

  return {
    async queue(tx, mails) {
      const { keyring, now } = app();
      const rows = mails.map(({ to, text, tokenHash = null, noticeIds = [] }) => {
        const id = randomUUID();
        return {
          ...{ id, tokenHash, noticeIds, createdAt: now() },
          userId: "userId" in to ? to.userId : null,
          address: "address" in to ? to.address : null,
          textSealed: sealMailText(keyring, id, text),
        };
      });
      await insertOutgoingMail(tx, rows);
      awake = true;
      timers.queued();
    },
    urlOf: (path) => new URL(path, app().env.publicUrl).href,
    isAwake: () => awake,
    deliverDue() {
      awake = false;
      return look();
    },
  };
}
