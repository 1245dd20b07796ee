import { accessSync, constants, statSync } from "node:fs";
import { leftoverProblem } from "@/lib/env/leftovers";
import { decodedPart, hasStraySecret, parseUrl } from "@/lib/parse-url";

const form = "postgresql://user:password@host:5432/database";
/** @see https://www.postgresql.org/docs/current/libpq-ssl.html and `no-verify`, which is pg's own */
const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"];

/**
 * What is wrong with a database URL, in a sentence that does not repeat it; null: nothing.
 * @param name of the variable
 */
export function databaseUrlProblem(name: string, value: string): string | null {
  const leftover = leftoverProblem(name, value);
  if (leftover !== null) return leftover;
  if (!/^postgres(ql)?:\/\//.test(value)) return `${name} must start with postgresql://.`;
  const url = parseUrl(value);
  if (url === null || hasStraySecret(url) || !isDecodable(url)) {
    return `${name} cannot be read. Write it as ${form}. Percent-encode special characters in user and password, such as %23 for #, %2F for / and %25 for %.`;
  }
  if (url.hostname.includes(",")) return `${name} names several hosts. Write one of them.`;
  // Each client would use a different database instead: the user's name, or "postgres".
  if (url.pathname.length < 2) return `${name} names no database. Write it as ${form}.`;
  // A parameter of Prisma's that nothing here reads: the tables would be in "public" all the same.
  if ((url.searchParams.get("schema") ?? "public") !== "public") {
    return `${name} has ?schema=, which has no effect here. Remove it, and give Usher its own database.`;
  }
  return tlsProblem(name, url.searchParams);
}

function tlsProblem(name: string, parameters: URLSearchParams): string | null {
  const mode = parameters.get("sslmode");
  // `pg` would verify the certificate for a mode it does not know.
  if (mode !== null && !sslModes.includes(mode)) {
    return `${name} has an unknown sslmode. Write one of ${sslModes.join(", ")}.`;
  }
  for (const parameter of ["sslrootcert", "sslcert", "sslkey"]) {
    const file = parameters.get(parameter);
    if (file === "system") {
      return `${name} has ${parameter}=system. Remove it: Node's own list of authorities is used without it.`;
    }
    const problem = file === null ? null : fileProblem(file);
    if (problem !== null) {
      return `${name} names a file in ${parameter} that cannot be read (${problem}). Correct its path, or let Usher's user read it.`;
    }
  }
  return null;
}

/** The system's code. */
function fileProblem(file: string): string | null {
  try {
    accessSync(/* turbopackIgnore: true */ file, constants.R_OK);
    return statSync(/* turbopackIgnore: true */ file).isFile() ? null : "EISDIR";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  }
}

/** DATABASE_URL, which is required. */
export function readDatabaseUrl(value: string | null, problems: string[]): string | null {
  const missing =
    'DATABASE_URL is missing. It must be a Postgres URL; "npm run demo" brings its own database.';
  const problem = value === null ? missing : databaseUrlProblem("DATABASE_URL", value);
  if (problem !== null) problems.push(problem);
  return value;
}

function isDecodable({ username, password, pathname }: URL): boolean {
  return [username, password, pathname].every((part) => decodedPart(part) !== null);
}
