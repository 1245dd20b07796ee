import type { AddressInfo } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

export interface ReceivedMail {
  /** As given in the envelope. */
  from: string;
  to: string[];
  /** Whether it came over TLS, and who was signed in. */
  secure: boolean;
  user: string | null;
  raw: string;
  headers: Record<string, string>;
  text: string;
  html: string;
}

export interface MailServer {
  port: number;
  /** In plain text, on loopback. */
  url: string;
  received: ReceivedMail[];
  /** Every attempted login. */
  logins: string[];
  /** For the next mails. */
  refusal: { at: "MAIL FROM" | "RCPT TO" | "DATA"; code: number; words?: string } | null;
  /** No mail is accepted until it resolves. */
  hold: Promise<void>;
  close(): Promise<void>;
}

/** A real mail server. By default it speaks plain text and requires no login. @param on 0: a free port */
export async function startMailServer(
  options: SMTPServerOptions = {},
  on = 0,
): Promise<MailServer> {
  const state: Omit<MailServer, "port" | "url" | "close"> = {
    ...{ received: [], logins: [], refusal: null },
    hold: Promise.resolve(),
  };
  const refused = (at: NonNullable<MailServer["refusal"]>["at"]) =>
    state.refusal?.at === at
      ? Object.assign(new Error(state.refusal.words ?? "Refused for the test."), {
          responseCode: state.refusal.code,
        })
      : null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onMailFrom: (_, __, done) => done(refused("MAIL FROM")),
    onRcptTo: (_, __, done) => done(refused("RCPT TO")),
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", async () => {
        await state.hold;
        const problem = refused("DATA");
        if (problem) return done(problem);
        const raw = Buffer.concat(chunks).toString("utf8");
        state.received.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : "",
          to: envelope.rcptTo.map(({ address }) => address),
          secure,
          user: typeof user === "string" ? user : null,
          ...{ raw, ...read(raw) },
        });
        done();
      });
    },
    ...options,
    onAuth(auth, session, done) {
      state.logins.push(`${auth.username}:${auth.password}`);
      if (options.onAuth) options.onAuth(auth, session, done);
      else done(null, { user: auth.username });
    },
  });
  server.on("error", () => {
    // Clients that disconnect midway, as some tests make them.
  });
  await new Promise<void>((resolve) => server.listen(on, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(state, {
    ...{ port, url: `smtp://127.0.0.1:${port}` },
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

function read(raw: string): Pick<ReceivedMail, "headers" | "text" | "html"> {
  const { headers, body } = split(raw);
  const boundary = /boundary="([^"]+)"/.exec(headers["content-type"] ?? "")?.[1];
  const parts = boundary ? body.split(`--${boundary}`).slice(1, -1) : [];
  const part = (type: string) => {
    const found = parts
      .map((each) => split(each.trimStart()))
      .find(({ headers: of }) => of["content-type"]?.startsWith(type));
    return found ? decoded(found.body, found.headers["content-transfer-encoding"] ?? "") : "";
  };
  return { headers, text: part("text/plain"), html: part("text/html") };
}

function split(entity: string): { headers: Record<string, string>; body: string } {
  const [head = "", ...rest] = entity.replaceAll("\r\n", "\n").split("\n\n");
  const lines = head.replace(/\n[ \t]+/g, " ").split("\n");
  const headers = lines.map((line) => {
    const at = line.indexOf(":");
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const;
  });
  return { headers: Object.fromEntries(headers), body: rest.join("\n\n") };
}

function decoded(body: string, encoding: string): string {
  if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
  if (encoding !== "quoted-printable") return body;
  const bytes = body
    .replace(/=\n/g, "")
    .replace(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
