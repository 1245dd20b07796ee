import { breakOff, isFromPostgres } from "@/lib/db/outage";
import { tlsFaultOf } from "@/lib/tls-fault";
import { newClient } from "./pooling";

/** In words: why a database cannot be used, and what to do. */
export interface DatabaseProblem {
  finding: string;
  fix: string;
}

/** By SQLSTATE or the network's code. */
const problems: Readonly<Record<string, readonly [finding: string, fix: string]>> = {
  "28P01": ["It refuses the password.", "Check the user and password in DATABASE_URL."],
  "28000": [
    "It refuses this user.",
    "Check the user in DATABASE_URL and the server's pg_hba.conf.",
  ],
  "3D000": [
    "There is no database of this name.",
    'Create it, or check the name in DATABASE_URL. Then run "npm run db:migrate".',
  ],
  "42501": [
    "Its user lacks rights.",
    "Make the user in DATABASE_URL the owner of the database (ALTER DATABASE … OWNER TO …).",
  ],
  "25006": [
    "It is read-only.",
    "Point DATABASE_URL at the primary, not at a replica, and check default_transaction_read_only.",
  ],
  "53100": ["Its disk is full.", "Free some space there."],
  "53300": [
    "It has no connection left.",
    "Raise max_connections, lower DATABASE_POOL_SIZE, or put a pooler in between.",
  ],
  "57P03": ["It is starting up.", "Wait, then try again."],
  schema: [
    "Usher's tables are in the schema public, which is not the first of this user's search_path.",
    "Run ALTER ROLE … SET search_path = public, and remove search_path from DATABASE_URL.",
  ],
  encoding: [
    "Its encoding is not UTF8, so it cannot hold every name and message.",
    "Create another one with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0, and move the data if there is any.",
  ],
  ENOTFOUND: ["Its host name is not known.", "Check the host in DATABASE_URL and the DNS."],
  EAI_AGAIN: ["The DNS does not answer.", "Check the DNS of this machine."],
  ECONNREFUSED: [
    "Nothing listens at its address.",
    "Start the database, or check host and port in DATABASE_URL.",
  ],
  ENOENT: [
    "There is no socket in the folder that DATABASE_URL names.",
    "Start the database, or check the folder and port in DATABASE_URL.",
  ],
  timeout: [
    "It does not answer.",
    "Check that it runs, and that no firewall is between this machine and the database.",
  ],
  closed: [
    "It closes new connections at once.",
    "Check that Postgres listens at host and port in DATABASE_URL, and that a proxy in between reaches it.",
  ],
  unreachable: [
    "Its address cannot be reached from this machine.",
    "Check the network, the routes and whether the host needs IPv6.",
  ],
  plain: [
    "It offers no encrypted connections.",
    "Switch on TLS at the server, or remove sslmode from DATABASE_URL if the network is yours.",
  ],
  expired: [
    "Its certificate is expired or not valid yet.",
    "Renew it at the server, and check this machine's clock.",
  ],
  name: [
    "Its certificate is for another name.",
    "Use the certificate's name as the host in DATABASE_URL, or correct the certificate.",
  ],
  untrusted: [
    "Its certificate is from an authority that Usher does not know.",
    "Set sslrootcert in DATABASE_URL, or NODE_EXTRA_CA_CERTS, to the authority's certificate.",
  ],
  protocol: [
    "The encrypted connection fails.",
    "Check host, port and sslmode in DATABASE_URL, and the server's TLS versions.",
  ],
};

/** Null: the code says nothing that an operator could act on. */
export function databaseProblemOf(code: string | null): DatabaseProblem | null {
  const [finding, fix] = problems[code ?? ""] ?? [];
  return finding && fix ? { finding, fix } : null;
}

/** Asks the database once more, with a new connection. Null: it answers, or nothing is known about the failure. */
export async function databaseProblem(connectionString: string): Promise<DatabaseProblem | null> {
  return databaseProblemOf(await whyUnreachable(connectionString));
}

/**
 * Why no connection can be made, found out with a new one: the pool only knows that there is none.
 * @returns SQLSTATE, a network error code, `plain`, `timeout`, a TLS fault, what `unfitSession` returns, or `unknown`; null: there is
 * a connection that Usher can use
 */
export async function whyUnreachable(connectionString: string): Promise<string | null> {
  const client = newClient(connectionString);
  try {
    await client.connect();
    const { rows } = await client.query<SessionSettings>(`SELECT ${sessionSettings}`);
    return rows[0] ? unfitSession(rows[0]) : null;
  } catch (error) {
    return codeOf(error);
  } finally {
    breakOff(client);
  }
}

export interface SessionSettings {
  /** The first of its search_path; null: none of them exists. */
  schema: string | null;
  encoding: string;
}

/** SQL, for the columns of `SessionSettings`. */
export const sessionSettings = `current_schema() AS "schema", current_setting('server_encoding') AS "encoding"`;

/** Statements name their tables without a schema, and every character may be in a name. */
export function unfitSession({ schema, encoding }: SessionSettings): "schema" | "encoding" | null {
  if (schema !== "public") return "schema";
  return encoding === "UTF8" ? null : "encoding";
}

const networkFaults: Readonly<Record<string, string>> = {
  ECONNRESET: "closed",
  EPIPE: "closed",
  ETIMEDOUT: "timeout",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
};

function codeOf(error: unknown): string {
  if (isFromPostgres(error)) return error.code ?? "unknown";
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const { code, message } = error as { code?: unknown; message?: string };
  if (/timeout/i.test(message ?? "")) return "timeout";
  const network = networkFaults[typeof code === "string" ? code : ""];
  if (network) return network;
  if (/connection terminated unexpectedly/i.test(message ?? "")) return "closed";
  if (/does not support SSL/i.test(message ?? "")) return "plain";
  const fault = typeof code === "string" ? tlsFaultOf(code) : null;
  if (fault !== null) return fault;
  if (/ssl|tls|certificate/i.test(`${code} ${message}`)) return "protocol";
  return typeof code === "string" ? code : "unknown";
}
