import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { renderMail } from "@/lib/email/mail-text";
import { createSmtp, type MailToSend } from "@/lib/email/smtp";
import type { EmailEnv } from "@/lib/env/email";
import { type MailServer, startMailServer } from "@/tests/support/mail-server";

const here = (name: string) =>
  readFileSync(fileURLToPath(new URL(`./tls/${name}`, import.meta.url)), "utf8");
const certificate = here("certificate.pem");
const keys = { key: here("key.pem"), cert: certificate };
const link = "https://usher.example.com/reset-password/abc";

const closing: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of closing.splice(0).toReversed()) await each.close();
});

async function server(options: Parameters<typeof startMailServer>[0] = {}): Promise<MailServer> {
  const started = await startMailServer(options);
  closing.push(started);
  return started;
}

function smtp(change: Partial<EmailEnv> & { port: number }, ca?: string) {
  const from = { name: "Usher", address: "usher@example.com" };
  const made = createSmtp({ host: "localhost", tls: "none", login: null, from, ...change }, ca);
  closing.push(made);
  return made;
}

const rendered = renderMail({
  subject: "Set a new password",
  paragraphs: ["Somebody asked for this."],
  action: { label: "Set a new password", url: link },
  footer: "You get this mail because of your account.",
});
const mail = (change: Partial<MailToSend> = {}): MailToSend => ({
  ...{ id: "0d9a", to: { name: "Ada", address: "ada@example.com" }, date: new Date(0) },
  ...rendered,
  ...change,
});

describe("a mail", () => {
  it("arrives as text and HTML, with its own Message-ID, and is marked as automatic", async () => {
    const { port, received } = await server();
    expect(await smtp({ port }).send(mail())).toBeNull();
    expect(received).toMatchObject([
      {
        from: "usher@example.com",
        to: ["ada@example.com"],
        headers: {
          from: "Usher <usher@example.com>",
          to: "Ada <ada@example.com>",
          subject: "Set a new password",
          "message-id": "<0d9a@example.com>",
          "auto-submitted": "auto-generated",
          date: "Thu, 01 Jan 1970 00:00:00 +0000",
        },
      },
    ]);
    expect(received[0]?.text).toContain(link);
    expect(received[0]?.html).toContain(`href="${link}"`);
  });

  it("loads nothing from elsewhere when it is opened", async () => {
    const { port, received } = await server();
    await smtp({ port }).send(mail());
    const { html = "" } = received[0] ?? {};
    expect(html.match(/https?:\/\/[^\s"<]+/g)).toEqual([link, link]);
    expect(html).not.toMatch(/<img|<link|<script|url\(|@import/i);
  });

  it.each([
    ["a line end", "Ada\r\nBcc: eve@example.com"],
    ["a bare line feed", "Ada\nBcc: eve@example.com"],
    ["another recipient", "Ada <ada@example.com>, Eve <eve@example.com>"],
    ["quotes", 'Ada" <eve@example.com>, "x'],
    ["an encoded word", "=?utf-8?Q?Ada=0D=0ABcc:_eve@example.com?="],
    ["a lone surrogate", "Ada \ud800"],
    ["no end", "A".repeat(10_000)],
  ])("takes a name or subject with %s as nothing but a name or subject", async (_, hostile) => {
    const { port, received } = await server();
    const sent = await smtp({ port }).send(
      mail({
        to: { name: hostile, address: "ada@example.com" },
        ...renderMail({
          subject: hostile,
          ...{ paragraphs: [hostile], list: [{ noticeId: "n", text: hostile }] },
          ...{ action: { label: hostile, url: link }, footer: hostile },
        }),
      }),
    );
    expect(sent).toBeNull();
    expect(received[0]?.to).toEqual(["ada@example.com"]);
    const names = Object.keys(received[0]?.headers ?? {}).toSorted();
    expect(names).toEqual(
      [
        ...["auto-submitted", "content-type", "date", "from", "message-id", "mime-version"],
        ...["subject", "to"],
      ].toSorted(),
    );
    expect(received[0]?.headers.to?.length).toBeLessThan(500);
    expect(received[0]?.headers.subject?.length).toBeLessThan(1_000);
  });

  it("shows markup in a name as text", async () => {
    const hostile = `<img src="https://eve.example/x.png"><a href='https://eve.example'>here</a>`;
    const { html } = renderMail({
      subject: "x",
      paragraphs: [hostile],
      list: [{ noticeId: "n", text: hostile }],
      action: { label: hostile, url: link },
      footer: hostile,
    });
    expect(html).not.toContain("<img");
    expect(html.match(/<a /g)).toHaveLength(1);
  });

  it.each([
    ["two addresses", "ada@example.com,eve@example.com"],
    ["a command", "ada@example.com>\r\nRCPT TO:<eve@example.com"],
    ["no address", "ada"],
  ])("is not sent to %s, and is not retried", async (_, address) => {
    const { port, received } = await server();
    const failure = await smtp({ port }).send(mail({ to: { name: "", address } }));
    expect(failure).toEqual({ final: true, problem: "The address is not one." });
    expect(received).toEqual([]);
  });
});

describe("TLS", () => {
  const login = { user: "usher", password: "p@ss:word/%" };

  it("starts with the first byte for smtps, and the login goes through it", async () => {
    const { port, received, logins } = await server({ ...keys, secure: true });
    const failure = await smtp({ port, tls: "implicit", login }, certificate).send(mail());
    expect(failure).toBeNull();
    expect(received).toMatchObject([{ secure: true, user: "usher" }]);
    expect(logins).toEqual(["usher:p@ss:word/%"]);
  });

  it("starts with STARTTLS for smtp, before login and mail", async () => {
    const { port, received } = await server({ ...keys, disabledCommands: [] });
    const failure = await smtp({ port, tls: "starttls", login }, certificate).send(mail());
    expect(failure).toBeNull();
    expect(received).toMatchObject([{ secure: true, user: "usher" }]);
  });

  it("is required even of a server that offers none: neither login nor mail is sent", async () => {
    const { port, received, logins } = await server();
    const failure = await smtp({ port, tls: "starttls", login }).send(mail());
    expect(failure).toMatchObject({ final: false });
    expect(failure?.problem).toMatch(/TLS/);
    expect([received, logins]).toEqual([[], []]);
  });

  it.each(["implicit", "starttls"] as const)(
    "with an untrusted certificate is rejected (%s)",
    async (tls) => {
      const { port, received, logins } = await server({
        ...keys,
        ...(tls === "implicit" ? { secure: true } : { disabledCommands: [] }),
      });
      const failure = await smtp({ port, tls, login }).send(mail());
      expect(failure).toMatchObject({ final: false });
      expect(failure?.problem).toContain("certificate is not trusted");
      expect([received, logins]).toEqual([[], []]);
    },
  );

  it("with a certificate for another name is rejected", async () => {
    const { port, received } = await server({ ...keys, secure: true });
    const failure = await smtp({ port, host: "127.0.0.1", tls: "implicit" }, certificate).send(
      mail(),
    );
    expect(failure?.problem).toContain("certificate is not trusted: it is for another name");
    expect(received).toEqual([]);
  });
});

describe("a refusal", () => {
  it.each([
    ["RCPT TO", 550, true, "The mail server refused the recipient (550)."],
    ["RCPT TO", 450, false, "The mail server refused the recipient (450)."],
    ["DATA", 554, true, "The mail server refused the mail (554)."],
    ["DATA", 451, false, "The mail server refused the mail (451)."],
    // An operator can fix these: the mail waits.
    [
      "MAIL FROM",
      553,
      false,
      "The mail server refused the sender (553). Check whether it lets this user and machine send as EMAIL_FROM.",
    ],
  ] as const)("at %s with %i is final: %s", async (at, code, final, problem) => {
    const started = await server();
    started.refusal = { at, code };
    expect(await smtp({ port: started.port }).send(mail())).toEqual({ final, problem });
  });

  // What the operator can mend: Rocket.Chat#1766, RefractorGSCM/Refractor#20, TYPO3-directmail/direct_mail#267.
  it.each([
    ["RCPT TO", 553, "5.7.1 <usher@example.com>: Sender address rejected: not owned by user"],
    ["RCPT TO", 554, "5.7.1 <ada@example.com>: Relay access denied"],
    ["RCPT TO", 554, "5.7.1 Service unavailable; client host blocked"],
    ["RCPT TO", 530, "5.7.0 Authentication required"],
    ["RCPT TO", 550, "5.1.8 Sender unknown"],
    ["DATA", 554, "5.2.252 SendAsDenied"],
    ["DATA", 550, "5.7.60 Client does not have permissions to send as this sender"],
    ["DATA", 554, "5.3.0 Rejected"],
  ] as const)("at %s with %i %s waits for the operator", async (at, code, words) => {
    const started = await server();
    started.refusal = { at, code, words };
    const failure = await smtp({ port: started.port }).send(mail());
    expect(failure?.final).toBe(false);
    expect(failure?.problem).toContain(`(${code} ${words.split(" ")[0]})`);
    expect(failure?.problem).not.toMatch(/recipient|ada@/);
  });

  it.each([
    ["RCPT TO", 550, "5.1.1 No such user"],
    ["RCPT TO", 550, "5.4.1 Recipient address rejected: Access denied"],
    ["RCPT TO", 552, "5.2.2 Mailbox full"],
    ["DATA", 552, "5.3.4 Too big"],
  ] as const)("at %s with %i %s is about this mail alone, and final", async (at, code, words) => {
    const started = await server();
    started.refusal = { at, code, words };
    expect((await smtp({ port: started.port }).send(mail()))?.final).toBe(true);
  });

  it("of every login for now is not called a wrong password", async () => {
    const { port } = await server({
      ...{ ...keys, secure: true },
      onAuth: (_, __, done) =>
        done(Object.assign(new Error("4.7.0 Too many login attempts"), { responseCode: 454 })),
    });
    const login = { user: "usher", password: "a secret of this test" };
    expect(await smtp({ port, tls: "implicit", login }, certificate).check()).toBe(
      "The mail server accepts no sign-in right now (454 4.7.0).",
    );
  });

  it("of the login waits for the operator, and reveals neither user nor password", async () => {
    const started = await server({
      ...{ ...keys, secure: true },
      onAuth: (_, __, done) => done(new Error("No.")),
    });
    const login = { user: "usher", password: "a secret of this test" };
    const failure = await smtp({ port: started.port, tls: "implicit", login }, certificate).send(
      mail(),
    );
    expect(failure).toMatchObject({ final: false });
    expect(failure?.problem).toContain("refused user and password");
    expect(failure?.problem).not.toMatch(/usher|secret/);
  });
});

describe("a server that greets in another way", () => {
  async function greeting(words: string, afterMs = 0): Promise<number> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      const said = setTimeout(() => socket.write(words), afterMs);
      socket.on("close", () => clearTimeout(said));
      socket.on("data", () => socket.write("250 OK\r\n"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(server);
    return (server.address() as { port: number }).port;
  }

  it.each([
    ["554 No service here\r\n", "The mail server refused the connection (554)."],
    ["421 4.7.0 Too many connections\r\n", "The mail server refused the connection (421 4.7.0)."],
    ["HTTP/1.1 400 Bad Request\r\n\r\n", "What answers is not a mail server."],
    ["SSH-2.0-OpenSSH_9.2\r\n", "What answers is not a mail server."],
  ])("with %j is told apart", async (words, problem) => {
    const sent = await smtp({ port: await greeting(words) }).send(mail());
    expect(sent?.final).toBe(false);
    expect(sent?.problem).toContain(problem);
  });

  // Postfix' postscreen and others let clients wait.
  it("is waited for when it greets late", async () => {
    const failure = await smtp({ port: await greeting("554 Late\r\n", 9_000) }).send(mail());
    expect(failure?.problem).toBe("The mail server refused the connection (554).");
  }, 40_000);

  // n8n-io/n8n#3297, n8n-io/n8n#12809
  it("with text where TLS was expected, or the reverse, says which scheme to write", async () => {
    const [plain, secure] = [await server(), await server({ ...keys, secure: true })];
    const asked = await Promise.all([
      smtp({ port: plain.port, tls: "implicit" }).check(),
      smtp({ port: secure.port, tls: "starttls" }).check(),
    ]);
    expect(asked).toEqual([
      expect.stringContaining("write smtp:// instead of smtps://"),
      expect.stringContaining("write smtps://"),
    ]);
  }, 40_000);
});

describe("an unavailable server", () => {
  it("is reported as such, by a mail and by the check", async () => {
    const { port, close } = await startMailServer();
    await close();
    const problem = "The mail server could not be reached.";
    expect(await smtp({ port }).send(mail())).toEqual({ final: false, problem });
    expect(await smtp({ port }).check()).toBe(problem);
  });

  it("that accepts connections but stays silent delays no one for long", async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const { port } = silent.address() as { port: number };
    const failure = await smtp({ port }).send(mail());
    expect(failure).toEqual({ final: false, problem: "The mail server took too long." });
    silent.close();
  }, 60_000);

  it("is distinguished from an available one", async () => {
    const { port } = await server();
    expect(await smtp({ port }).check()).toBeNull();
  });
});
