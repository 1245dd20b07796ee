// Fills a database with what a large team has, to see and measure how pages cope with it.
//   npm run seed:scale                             300 servers, 1,000 people, 2,000,000 audit events and more
//   npm run seed:scale -- --servers 50 --audit-events 10000
//   npm run seed:scale -- --add                    adds to the existing data
// It uses DATABASE_URL, which has to be migrated. Tokens and secrets are placeholders that no key opens:
// calls to these servers fail. It prints how to sign in. Exits with 2 if it refuses.

import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import pg from "pg";
import { createDatabase } from "@/lib/db/client";
import { setPasswordHash } from "@/lib/db/user";
import { hashPassword } from "@/lib/session/password";
import { explain } from "@/scripts/command";
import { loadEnvFiles } from "@/scripts/env-files.mjs";
import { whereabouts } from "@/scripts/migrations/migration-problem";
import {
  fillAtScale,
  fullSize,
  isInUse,
  type ScaleSizes,
  scaleAdmin,
  scaleMember,
  sizesProblem,
} from "@/scripts/seed-scale/fill";

const flags = {
  servers: "servers",
  assistants: "assistants",
  "servers-per-assistant": "serversPerAssistant",
  "tools-per-server": "toolsPerServer",
  people: "people",
  "token-sets": "tokenSets",
  "audit-events": "auditEvents",
} as const satisfies Record<string, keyof ScaleSizes>;

class Refusal extends Error {}

try {
  await loadEnvFiles();
  const { sizes, add } = readArguments();
  await seed(sizes, add);
  process.exit(0);
} catch (error) {
  const url = process.env.DATABASE_URL || null;
  console.error(error instanceof Refusal ? error.message : await explain(error, url));
  process.exit(error instanceof Refusal ? 2 : 1);
}

function readArguments(): { sizes: ScaleSizes; add: boolean } {
  const names = Object.keys(flags).map((name) => [name, { type: "string" }] as const);
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      options: { ...Object.fromEntries(names), add: { type: "boolean", default: false } },
    }));
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
  const sizes = { ...fullSize };
  for (const [flag, size] of Object.entries(flags)) {
    const text = values[flag];
    if (typeof text !== "string") continue;
    if (!/^\d{1,9}$/.test(text)) throw new Refusal(`--${flag} takes a whole number, such as 100.`);
    sizes[size] = Number(text);
  }
  const problem = sizesProblem(sizes);
  if (problem) throw new Refusal(problem);
  return { sizes, add: values.add === true };
}

async function seed(sizes: ScaleSizes, add: boolean): Promise<void> {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Refusal("Set DATABASE_URL to the database to fill.");
  const client = new pg.Client(url);
  await client.connect();
  const db = createDatabase(url, { connections: 2 });
  try {
    if (!add && (await isInUse(client))) {
      throw new Refusal(
        `The database at ${whereabouts(url)} is in use: it has people or servers. Choose an empty one, or run with --add.`,
      );
    }
    const startedAt = performance.now();
    await fillAtScale(client, db, sizes, console.log);
    const password = randomBytes(12).toString("base64url");
    const passwordHash = await hashPassword(password);
    for (const email of [scaleAdmin, scaleMember]) {
      const user = await db.user.findUniqueOrThrow({ where: { email } });
      await setPasswordHash(db, user.id, passwordHash, null);
    }
    console.log(`Filled in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
    console.log(`Sign in as ${scaleAdmin} (admin) or ${scaleMember} (member): ${password}`);
  } finally {
    await db.$disconnect();
    await client.end();
  }
}
