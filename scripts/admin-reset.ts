// Prints a one-time link with which a locked-out admin sets a new password.
//   npm run admin:reset                             if there is one active admin with a password
//   npm run admin:reset -- --email ada@example.com
//   npm run admin:reset -- --remove-two-factor     if the codes are lost too
// It uses DATABASE_URL and PUBLIC_URL; without DATABASE_URL the embedded database, whether Usher runs or not.
// Exits with 2 if it needs more input, and with 1 if something is wrong.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { createDatabase } from "@/lib/db/client";
import { readLinkEnv } from "@/lib/env";
import { ConfigurationError } from "@/lib/errors";
import {
  createResetLinkAsOperator,
  type ListedAdmin,
  type OperatorResetLink,
} from "@/lib/people/password-reset";
import { explain, readArguments } from "@/scripts/command";
import { withEmbeddedDatabase } from "@/scripts/embedded-database/with-database";
import { loadEnvFiles } from "@/scripts/env-files.mjs";

/** As `npm run demo` and `npm run dev` keep it. */
const stateFolder = path.resolve(".usher");

/** For what is said about a failure. */
let askedUrl: string | null = null;

try {
  const options = readOptions();
  await loadEnvFiles();
  process.exit(tell(await run(options)));
} catch (error) {
  console.error(await explain(error, askedUrl));
  process.exit(1);
}

interface Options {
  email: string | null;
  removesTwoFactor: boolean;
}

function readOptions(): Options {
  const { values } = readArguments(
    { options: { email: { type: "string" }, "remove-two-factor": { type: "boolean" } } },
    { use: "npm run admin:reset -- --email <address> [--remove-two-factor]", exitCode: 2 },
  );
  return { email: values.email ?? null, removesTwoFactor: values["remove-two-factor"] ?? false };
}

function run(options: Options): Promise<OperatorResetLink> {
  if (process.env.DATABASE_URL?.trim()) return create(process.env, options);
  const folder = path.join(stateFolder, "database");
  if (!existsSync(folder)) {
    throw new ConfigurationError([
      `DATABASE_URL is not set, and there is no embedded database in ${folder}.`,
    ]);
  }
  return withEmbeddedDatabase(folder, (url) =>
    create({ PUBLIC_URL: demoUrl(), ...process.env, DATABASE_URL: url }, options),
  );
}

async function create(
  variables: Readonly<Record<string, string | undefined>>,
  { email, ...options }: Options,
): Promise<OperatorResetLink> {
  const env = readLinkEnv(variables);
  askedUrl = env.databaseUrl;
  const db = createDatabase(env.databaseUrl, {
    connections: 1,
    statementMs: 60_000,
    connectMs: 10_000,
  });
  try {
    return await createResetLinkAsOperator({ db, env, now: () => new Date() }, email, options);
  } finally {
    await db.$disconnect();
  }
}

/** Where the demo's Usher listens; it has no PUBLIC_URL of its own in `.env`. */
function demoUrl(): string | undefined {
  const file = path.join(stateFolder, "demo.json");
  if (!existsSync(file)) return undefined;
  const { ports } = JSON.parse(readFileSync(file, "utf8")) as { ports?: { app?: number } };
  return ports?.app ? `http://localhost:${ports.app}` : undefined;
}

/** @returns the exit code */
function tell(result: OperatorResetLink): number {
  if (result.kind === "refused") {
    console.error(result.reason);
    if (result.admins.length > 0) console.error(`\nAdmins:\n${lines(result.admins)}`);
    return 2;
  }
  const { email, link, expiresAt } = result.link;
  console.log(`Reset link for ${email}:\n\n  ${link}\n`);
  console.log(`It works once, until ${expiresAt}. A new link ends it.`);
  if (result.twoFactor === "removed") console.log("Two-factor authentication is off for them.");
  if (result.twoFactor === "kept") {
    console.log("\nSigning in also asks for a code. If the app and the recovery codes are lost:");
    console.log(`  npm run admin:reset -- --email ${email} --remove-two-factor`);
  }
  return 0;
}

function lines(admins: readonly ListedAdmin[]): string {
  return admins
    .map(({ email, name, notes }) => {
      const about = notes.length > 0 ? ` (${notes.join(", ")})` : "";
      return `  ${email}  ${name}${about}`;
    })
    .join("\n");
}
