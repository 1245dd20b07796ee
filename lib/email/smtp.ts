import nodemailer, { type NodemailerError } from "nodemailer";
import type { EmailEnv } from "@/lib/env/email";
import { oneLine } from "@/lib/untrusted-text";
import type { MailFailure } from "./decide-retry";
import type { RenderedMail } from "./mail-text";

export interface MailToSend extends RenderedMail {
  /** The left part of `Message-ID`. */
  id: string;
  to: { name: string; address: string };
  date: Date;
}

export interface Smtp {
  /** Null: the server has accepted it. Never throws. */
  send(mail: MailToSend): Promise<MailFailure | null>;
  /** Connects, starts TLS and signs in. The problem, or null. Never throws. */
  check(): Promise<string | null>;
  close(): void;
}

/** In ms. `total` also ends a response that drips byte by byte. */
const limits = { connect: 8_000, idle: 20_000, total: 45_000 };
/** Concurrent connections; servers allow few. */
export const mailsAtOnce = 2;
const longestName = 80;
/** One plain address. It contains nothing that could end a header or start another recipient. */
const plainAddress = /^[^\s\p{Cc}"(),:;<>@[\\\]]{1,64}@[^\s\p{Cc}"(),:;<>@[\\\]]{1,255}$/u;

/** @param ca certificates trusted in addition to Node's own, for tests */
export function createSmtp(env: EmailEnv, ca?: string): Smtp {
  const [, domain = "localhost"] = env.from.address.split("@");
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: mailsAtOnce,
    ...{ host: env.host, port: env.port },
    secure: env.tls === "implicit",
    requireTLS: env.tls === "starttls",
    ignoreTLS: env.tls === "none",
    ...(env.login ? { auth: { user: env.login.user, pass: env.login.password } } : {}),
    ...(ca ? { tls: { ca } } : {}),
    ...{ connectionTimeout: limits.connect, dnsTimeout: limits.connect },
    ...{ greetingTimeout: limits.connect, socketTimeout: limits.idle },
    // A mail is our own text: nothing in it names a file or a URL to read.
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return {
    async send({ id, to, date, subject, text, html }) {
      if (!plainAddress.test(to.address))
        return { final: true, problem: "The address is not one." };
      try {
        await transport.sendMail({
          messageId: `<${id}@${domain}>`,
          from: env.from,
          to: { name: oneLine(to.name, longestName), address: to.address },
          ...{ date, subject, text, html },
          // So that machines do not answer it with "out of office" (RFC 3834 §5).
          headers: { "Auto-Submitted": "auto-generated" },
          signal: AbortSignal.timeout(limits.total),
        });
        return null;
      } catch (error) {
        return failureOf(error as NodemailerError);
      }
    },
    async check() {
      try {
        await transport.verify();
        return null;
      } catch (error) {
        return failureOf(error as NodemailerError).problem;
      }
    },
    close: () => transport.close({ force: true }),
  };
}

/** Without the server's own text: it quotes the address, and sometimes the mail. */
function failureOf(error: NodemailerError): MailFailure {
  const { code, responseCode, command, permanent } = error;
  const final =
    permanent === true &&
    ((code === "EENVELOPE" && command !== "MAIL FROM") || code === "EMESSAGE");
  return { final, problem: `${wordsOf(error)}${responseCode ? ` (${responseCode})` : ""}.` };
}

function wordsOf({ code, originalCode = "", command }: NodemailerError): string {
  if (code === "EABORT" || code === "ETIMEDOUT") return "The mail server took too long";
  if (code === "EAUTH" || code === "ENOAUTH") return "The mail server refused user and password";
  if (/CERT|TLS|SSL/.test(`${code} ${originalCode}`)) {
    return "The mail server offers no TLS, or its certificate is not trusted";
  }
  if (code === "EDNS") return "The mail server's name was not found";
  if (code === "EENVELOPE" && command === "MAIL FROM") return "The mail server refused the sender";
  if (code === "EENVELOPE") return "The mail server refused the recipient";
  if (code === "EMESSAGE") return "The mail server refused the mail";
  if (code === "ECONNECTION" || code === "ESOCKET") return "The mail server could not be reached";
  return "The mail could not be sent";
}
