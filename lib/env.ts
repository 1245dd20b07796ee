import { isIP } from "node:net";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import type { ModelEnv } from "@/lib/contracts/chat/model-name";
import { readOwnServers } from "@/lib/env/catalogue";
import { readDatabaseUrl } from "@/lib/env/database-url";
import { type EmailEnv, readEmail } from "@/lib/env/email";
import { bearerProblem, isHostName, readFlag, readList } from "@/lib/env/forms";
import { refuseLeftovers } from "@/lib/env/leftovers";
import { readModel } from "@/lib/env/model";
import { type OperationsEnv, readOperations } from "@/lib/env/operations";
import { misspeltNames, ownVariables } from "@/lib/env/own-variables";
import { type OutboundProxyEnv, readOutboundProxy } from "@/lib/env/proxy";
import { type RetentionEnv, readRetention } from "@/lib/env/retention";
import {
  type FirstAdminEnv,
  type OidcEnv,
  readFirstAdmin,
  readOidc,
  readRequireTwoFactor,
} from "@/lib/env/sign-in";
import { readStdio, type StdioEnv } from "@/lib/env/stdio";
import { ConfigurationError } from "@/lib/errors";
import { parseUrl } from "@/lib/parse-url";
import { readKeySource } from "@/lib/vault/key-source";
import { type Keyring, parseKeyring } from "@/lib/vault/keyring";

/** The validated configuration. Contains secrets: never logged, never serialized. */
export interface Env extends OperationsEnv {
  databaseUrl: string;
  /** The database is PGlite behind a socket: one session. */
  embeddedDatabase: boolean;
  /** An origin, without a trailing slash. */
  publicUrl: string;
  keyring: Keyring;
  nextAuthSecret: string;
  cronSecret: string | null;
  model: ModelEnv;
  oidc: OidcEnv | null;
  email: EmailEnv | null;
  /** Anyone who signs in with a password must set up two-factor authentication first. */
  requireTwoFactor: boolean;
  /** Created on the first start, when there is no user yet. */
  firstAdmin: FirstAdminEnv | null;
  allowHttpLoopback: boolean;
  allowedPrivateHosts: readonly string[];
  /** Null: everything goes out directly. */
  outboundProxy: OutboundProxyEnv | null;
  /** False on Vercel: no timer, no stdio. */
  selfHosted: boolean;
  stdio: StdioEnv;
  retention: RetentionEnv;
  /** A company's own entries of the catalogue. */
  ownServers: readonly VendorServer[];
  /** Names of our own variables that are set, for a support bundle. Never a value. */
  setVariables: readonly string[];
  /** A sentence for each variable that is set and looks like a misspelt one of ours. Never a value. */
  misspelt: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

const secretLength = 32;

/** @throws ConfigurationError naming every invalid variable and what it expects, never a value */
export function readEnv(variables: Variables = process.env): Env {
  const problems: string[] = [];
  const optional = (name: string): string | null => variables[name]?.trim() || null;
  refuseLeftovers(optional);
  const flag = (name: string): boolean => {
    const value = readFlag(optional(name));
    if (value === null) problems.push(`${name} must be 1 or 0.`);
    return value ?? false;
  };

  const selfHosted = !flag("VERCEL");
  const databaseUrl = readDatabaseUrl(optional("DATABASE_URL"), problems);

  const publicUrl = readPublicUrl(optional("PUBLIC_URL"), problems);
  const allowHttpLoopback = flag("ALLOW_HTTP_LOOPBACK");
  if (allowHttpLoopback && publicUrl !== null && !isLoopback(publicUrl)) {
    problems.push(
      "ALLOW_HTTP_LOOPBACK is for practice and tests; with a public PUBLIC_URL remove it.",
    );
  }

  const keyring = readKeyring(variables, problems);

  const nextAuthSecret = optional("NEXTAUTH_SECRET");
  if (nextAuthSecret === null || nextAuthSecret.length < secretLength) {
    problems.push(
      `NEXTAUTH_SECRET must have at least ${secretLength} random characters (openssl rand -base64 32).`,
    );
  }

  const cronSecret = optional("CRON_SECRET");
  if (cronSecret === null && !selfHosted) {
    problems.push("CRON_SECRET is missing. Vercel's cron needs it to call the refresh sweep.");
  }
  const cronProblem = cronSecret && bearerProblem("CRON_SECRET", cronSecret, 16);
  if (cronProblem) problems.push(cronProblem);

  const oidc = readOidc(optional, flag, problems);
  const email = readEmail(optional, problems);
  const requireTwoFactor = readRequireTwoFactor(optional, flag, problems);
  const outboundProxy = readOutboundProxy(optional, problems);
  const firstAdmin = readFirstAdmin(optional, problems);
  const embeddedDatabase = flag("EMBEDDED_DATABASE");
  const operations = readOperations(optional, { selfHosted, embeddedDatabase }, problems);
  const stdio = readStdio(optional, selfHosted, problems);
  const retention = readRetention(optional, problems);
  const ownServers = readOwnServers(optional, problems);
  const model = readModel(optional, selfHosted, problems);
  const allowedPrivateHosts = readPrivateHosts(optional("ALLOWED_PRIVATE_HOSTS"), problems);

  const misspelt = misspeltNames(variables);
  if (problems.length > 0 || !databaseUrl || !publicUrl || !keyring || !nextAuthSecret) {
    throw new ConfigurationError([...problems, ...misspelt]);
  }
  return {
    databaseUrl,
    embeddedDatabase,
    publicUrl,
    keyring,
    nextAuthSecret,
    cronSecret,
    model,
    ...{ oidc, email },
    requireTwoFactor,
    firstAdmin,
    ...operations,
    allowHttpLoopback,
    allowedPrivateHosts,
    outboundProxy,
    selfHosted,
    stdio,
    retention,
    ownServers,
    setVariables: ownVariables.filter((name) => optional(name) !== null),
    misspelt,
  };
}

/** What re-sealing needs, and no more. @throws ConfigurationError */
export function readVaultEnv(
  variables: Variables = process.env,
): Pick<Env, "databaseUrl" | "keyring"> {
  const problems: string[] = [];
  const databaseUrl = readDatabaseUrl(variables.DATABASE_URL?.trim() || null, problems);
  const keyring = readKeyring(variables, problems);
  if (problems.length > 0 || !databaseUrl || !keyring) throw new ConfigurationError(problems);
  return { databaseUrl, keyring };
}

/** What a script needs to create a link, and no more. @throws ConfigurationError */
export function readLinkEnv(variables: Variables): Pick<Env, "databaseUrl" | "publicUrl"> {
  const problems: string[] = [];
  const databaseUrl = readDatabaseUrl(variables.DATABASE_URL?.trim() || null, problems);
  const publicUrl = readPublicUrl(variables.PUBLIC_URL?.trim() || null, problems);
  if (problems.length > 0 || !databaseUrl || !publicUrl) throw new ConfigurationError(problems);
  return { databaseUrl, publicUrl };
}

/** next-auth reads these two itself; they follow PUBLIC_URL so that there is one public URL. */
export function exportNextAuthVariables(env: Env): void {
  process.env.NEXTAUTH_URL = env.publicUrl;
  process.env.NEXTAUTH_SECRET = env.nextAuthSecret;
}

/** Cheap enough for every response: whether browsers may be told to insist on https. */
export function isPublicHttps(): boolean {
  return /^https:/i.test(process.env.PUBLIC_URL?.trim() ?? "");
}

export function isDevelopment(): boolean {
  return process.env.NODE_ENV === "development";
}

function readKeyring(variables: Variables, problems: string[]): Keyring | undefined {
  const current = readKeySource(variables, "SECRETS_ENCRYPTION_KEY");
  const old = readKeySource(variables, "SECRETS_ENCRYPTION_KEYS_OLD");
  const unread = [current, old].flatMap(({ problem }) => problem ?? []);
  problems.push(...unread);
  if (current.problem !== undefined || old.problem !== undefined) return undefined;
  const { keyring, problems: keyProblems = [] } = parseKeyring(current.value, old.value);
  problems.push(...keyProblems);
  return keyring;
}

function readPublicUrl(value: string | null, problems: string[]): string | null {
  if (value === null) {
    problems.push(
      "PUBLIC_URL is missing. It must be the address people open, such as https://usher.example.com.",
    );
    return null;
  }
  const url = parseUrl(value);
  if (!url || !/^[a-z]+:\/\//i.test(value) || !/^[\w.-]+$|^\[/.test(url.hostname)) {
    problems.push("PUBLIC_URL must be a full address such as https://usher.example.com.");
    return null;
  }
  const extra = url.search + url.hash + url.username + url.password;
  if (url.pathname !== "/" || extra !== "") {
    problems.push("PUBLIC_URL must be scheme and host only, without a path, query or user.");
    return null;
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.origin))) {
    problems.push("PUBLIC_URL must use https (http is for localhost only).");
    return null;
  }
  return url.origin;
}

/** Host names or addresses in the form that lib/net/policy.ts compares, in lower case. */
function readPrivateHosts(value: string | null, problems: string[]): string[] {
  const hosts = readList(value).map((host) => host.replace(/\.$/, ""));
  const isHost = (host: string) =>
    isIP(host.replace(/^\[(.*)\]$/, "$1")) !== 0 || isHostName(host.replace(/^\*\./, ""));
  const wrong = hosts.findIndex((host) => !isHost(host));
  if (wrong !== -1) {
    problems.push(
      `ALLOWED_PRIVATE_HOSTS must be host names or IP addresses with commas between, without scheme, port or path, such as mcp.internal, *.corp.example.com or 10.0.0.7. Entry ${wrong + 1} is neither.`,
    );
  }
  return hosts;
}

function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
