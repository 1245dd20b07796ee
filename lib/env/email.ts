import { decodedPart, hasStraySecret, parseUrl } from "@/lib/parse-url";

/** Where mail is handed over. Contains a secret: never logged. */
export interface EmailEnv {
  host: string;
  port: number;
  /** `implicit`: from the first byte. `starttls`: before anything is said. `none`: in plain text. */
  tls: "implicit" | "starttls" | "none";
  /** Null: the server requires none. */
  login: { user: string; password: string } | null;
  from: { name: string; address: string };
}

type Optional = (name: string) => string | null;

const form =
  "smtps://user:password@smtp.example.com:465 or smtp://user:password@smtp.example.com:587";
const ports = { "smtps:": 465, "smtp:": 587 } as const;
const address = /^[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z\d](?:[a-z\d.-]{0,250}[a-z\d])?$/i;

/** Null: Usher sends no mail. */
export function readEmail(optional: Optional, problems: string[]): EmailEnv | null {
  const url = optional("SMTP_URL");
  const from = optional("EMAIL_FROM");
  if (url === null) {
    if (from !== null) problems.push("EMAIL_FROM does nothing without SMTP_URL. Set both.");
    return null;
  }
  const server = readServer(url, problems);
  const sender = readSender(from, problems);
  return server && sender && { ...server, from: sender };
}

function readServer(text: string, problems: string[]): Omit<EmailEnv, "from"> | null {
  const refuse = (problem: string) => {
    problems.push(`SMTP_URL ${problem}`);
    return null;
  };
  const url = parseUrl(text);
  const isSmtp = url?.protocol === "smtp:" || url?.protocol === "smtps:";
  if (!url || !isSmtp || hasStraySecret(url) || !/^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url.hostname)) {
    return refuse(
      `cannot be read. Write it as ${form}. Percent-encode special characters in user and password, such as %40 for @ and %2F for /.`,
    );
  }
  if (url.pathname.length > 1 || url.hash !== "") return refuse("may have no path. Remove it.");
  const [user, password] = [decodedPart(url.username), decodedPart(url.password)];
  if (user === null || password === null) {
    return refuse("has a user or password with a “%” that must be written as %25.");
  }
  if ((user === "") !== (password === ""))
    return refuse("must have both user and password, or neither.");
  const login = user === "" ? null : { user, password };
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port || ports[url.protocol as keyof typeof ports]);
  const options = [...url.searchParams];
  const plain = options.length === 1 && options[0]?.join("=") === "tls=none";
  if (options.length > 0 && !plain) return refuse("has only one option, ?tls=none.");
  if (url.protocol === "smtps:") {
    return plain
      ? refuse("begins with smtps, so ?tls=none says the opposite.")
      : { host, port, tls: "implicit", login };
  }
  if (isLoopback(host)) return { host, port, tls: "none", login };
  // RFC 8314 §7.3: the port of TLS from the first byte, so a server waits for that.
  if (port === ports["smtps:"] && !plain) return { host, port, tls: "implicit", login };
  if (plain && login) {
    return refuse("would send its password in plain text. Remove ?tls=none, or user and password.");
  }
  return { host, port, tls: plain ? "none" : "starttls", login };
}

/** `Usher <usher@example.com>`, or only the address. */
function readSender(text: string | null, problems: string[]): EmailEnv["from"] | null {
  const example = "Usher <usher@example.com>";
  if (text === null) {
    problems.push(
      `EMAIL_FROM is missing. With SMTP_URL it must be the sender, such as ${example}.`,
    );
    return null;
  }
  const [, name, inBrackets] = /^"?([^"<>]{0,80}?)"?\s*<([^<>]+)>$/.exec(text) ?? [];
  const from = { name: name?.trim() || "Usher", address: inBrackets ?? text };
  if (!address.test(from.address) || /\p{Cc}/u.test(from.name)) {
    problems.push(`EMAIL_FROM must be one address, such as ${example}.`);
    return null;
  }
  return from;
}

/** On this machine: nothing leaves it. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
