import { setTimeout as sleep } from "node:timers/promises";
import nodemailer, { type NodemailerError } from "nodemailer";
import type { EmailEnv } from "@/lib/env/email";
import { type TlsFault, tlsFaultOf } from "@/lib/tls-fault";
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

/**
 * In ms. `total` also ends a response that drips byte by byte. Servers let a client wait for the greeting, as programs that
 * send spam do not; `check` has a person waiting, so it gives up earlier.
 */
const limits = { dns: 8_000, greeting: 20_000, idle: 20_000, total: 45_000, check: 8_000 };
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
    ...{ connectionTimeout: limits.greeting, dnsTimeout: limits.dns },
    ...{ greetingTimeout: limits.greeting, socketTimeout: limits.idle },
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
        return failureOf(error as NodemailerError, env);
      }
    },
    check() {
      const asked = transport.verify().then(
        () => null,
        (error: NodemailerError) => failureOf(error, env).problem,
      );
      const late = sleep(limits.check, `${silent}. ${silentHint(env)}`.trim(), { ref: false });
      return Promise.race([asked, late]);
    },
    close: () => transport.close({ force: true }),
  };
}

/** Without the server's own text: it quotes the address, and sometimes the mail. */
function failureOf(error: NodemailerError, env: EmailEnv): MailFailure {
  const { code, responseCode, command, permanent } = error;
  const status = statusOf(error);
  const aboutMail = (code === "EENVELOPE" && command !== "MAIL FROM") || code === "EMESSAGE";
  const final = permanent === true && aboutMail && !isForOperator(responseCode, status);
  const [words, hint = ""] = wordsOf(error, env);
  const codes = [responseCode || "", status ?? ""].filter(Boolean).join(" ");
  return { final, problem: `${words}${codes ? ` (${codes})` : ""}. ${hint}`.trim() };
}

/** @see https://www.rfc-editor.org/rfc/rfc3463 */
function statusOf({ response }: NodemailerError): string | null {
  return /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response ?? "")?.[1] ?? null;
}

/**
 * Servers also refuse a recipient or a mail for what the operator can mend: a missing sign-in, a sender that the user may not
 * use, a blocked network, a rule (X.7), their own trouble (X.3.0 to X.3.2, X.4). Such a mail waits. X.4.1 is Exchange's way
 * of saying that there is no such person.
 */
function isForOperator(code: number | undefined, status: string | null): boolean {
  if (status === null) return code === 530 || code === 535 || code === 538;
  return /^5\.(7\.|1\.[78]$|2\.([5-9]|\d\d)|3\.[0-2]$|4\.(?!1$))/.test(status);
}

const silent = "The mail server took too long";

/** A server that expects TLS waits for the client, as the client waits for its greeting. */
function silentHint({ tls }: EmailEnv): string {
  return tls === "starttls" ? "If its port begins with TLS, as 465 does, write smtps://." : "";
}

/** What happened, and if it is known how to mend it. */
function wordsOf(
  { code, originalCode = "", command = "", responseCode, response, message }: NodemailerError,
  env: EmailEnv,
): readonly [string, string?] {
  const status = statusOf({ response } as NodemailerError);
  if (code === "EABORT" || code === "ETIMEDOUT") return [silent, silentHint(env)];
  if (code === "EAUTH" || code === "ENOAUTH") {
    return responseCode && responseCode < 500
      ? ["The mail server accepts no sign-in right now"]
      : ["The mail server refused user and password"];
  }
  const fault = tlsFaultOf(originalCode) ?? tlsFaultOf(code ?? "");
  if (fault !== null) return tlsWords[fault];
  if (code === "ETLS") return ["The mail server offers no TLS, which SMTP_URL requires"];
  if (code === "EDNS") return ["The mail server's name was not found"];
  if (code === "EPROTOCOL" || (code === "ECONNECTION" && responseCode)) {
    return responseCode
      ? ["The mail server refused the connection"]
      : ["What answers is not a mail server", "Check host and port in SMTP_URL."];
  }
  if (responseCode === 530 || responseCode === 538) {
    return [
      "The mail server requires TLS, or a user and password, first",
      "Check SMTP_URL, and which ways to sign in the server offers.",
    ];
  }
  if (code === "EENVELOPE" && command === "MAIL FROM") {
    return ["The mail server refused the sender", senderHint];
  }
  if (isForOperator(responseCode, status)) {
    return ["The mail server's rules do not allow this mail", senderHint];
  }
  if (code === "EENVELOPE") return ["The mail server refused the recipient"];
  if (code === "EMESSAGE") return ["The mail server refused the mail"];
  if (code === "ECONNECTION" && /closed/i.test(message)) {
    return ["The mail server ended the connection"];
  }
  if (code === "ECONNECTION" || code === "ESOCKET") return ["The mail server could not be reached"];
  return ["The mail could not be sent"];
}

const senderHint = "Check whether it lets this user and machine send as EMAIL_FROM.";
const tlsWords: Readonly<Record<TlsFault, readonly [string, string]>> = {
  expired: [
    "The mail server's certificate is not trusted: it is expired or not valid yet",
    "Renew it, and check this machine's clock.",
  ],
  name: [
    "The mail server's certificate is not trusted: it is for another name",
    "Use the certificate's name in SMTP_URL.",
  ],
  untrusted: [
    "The mail server's certificate is not trusted: Usher does not know its authority",
    "Set NODE_EXTRA_CA_CERTS to the authority's certificate.",
  ],
  protocol: [
    "The TLS connection to the mail server failed",
    "If its port begins in plain text, as 587 does, write smtp:// instead of smtps://.",
  ],
};
