import { quotesProblem } from "@/lib/env/own-variables";
import { decodedPart, parseUrl } from "@/lib/parse-url";

const form = "postgresql://user:password@host:5432/database";

/**
 * What is wrong with a database URL, in a sentence that does not repeat it; null: nothing.
 * @param name of the variable
 */
export function databaseUrlProblem(name: string, value: string): string | null {
  const quotes = quotesProblem(name, value);
  if (quotes !== null) return quotes;
  if (!/^postgres(ql)?:\/\//.test(value)) return `${name} must start with postgresql://.`;
  const url = parseUrl(value);
  if (url === null || !isDecodable(url)) {
    return `${name} cannot be read. Write it as ${form}. Percent-encode special characters in user and password, such as %23 for #, %2F for / and %25 for %.`;
  }
  // Each client would use a different database instead: the user's name, or "postgres".
  if (url.pathname.length < 2) return `${name} names no database. Write it as ${form}.`;
  // A parameter of Prisma's that nothing here reads: the tables would be in "public" all the same.
  if ((url.searchParams.get("schema") ?? "public") !== "public") {
    return `${name} has ?schema=, which has no effect here. Remove it, and give Usher its own database.`;
  }
  return null;
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
