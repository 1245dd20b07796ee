import { randomBytes } from "node:crypto";
import { hash } from "@node-rs/argon2";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import { createApp } from "@/lib/app";
import type { AppContext } from "@/lib/app/context";
import { flushRecords, installApp } from "@/lib/app/current";
import { boot } from "@/lib/boot";
import type { Role } from "@/lib/contracts/people/person";
import { insertUser, type UserRow } from "@/lib/db/user";
import { readEnv } from "@/lib/env";
import { startSession } from "@/lib/session/sessions";
import { sessionCookieName, sessionToken } from "@/lib/session/sign-in-cookies";
import { createTestDatabase, type TestDatabase } from "./postgres";
import { nowhere } from "./server-input";
import { Visitor } from "./visitor";

export const publicUrl = "http://localhost:3000";

export interface Installation {
  app: AppContext;
  database: TestDatabase;
  env: Record<string, string>;
  /** A new person with a session in a separate browser. */
  join(role: Role, name?: string): Promise<Visitor>;
  /** Waits for the work left after the responses. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Usher on its own database, with its real handlers, without a web server in front. */
export async function startInstallation(
  options: { now?: () => Date; env?: Record<string, string>; database?: TestDatabase } = {},
): Promise<Installation> {
  const database = options.database ?? (await createTestDatabase());
  const env: Record<string, string> = {
    DATABASE_URL: database.url,
    PUBLIC_URL: publicUrl,
    SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
    CRON_SECRET: randomBytes(32).toString("base64"),
    ALLOW_HTTP_LOOPBACK: "1",
    LOG_LEVEL: "silent",
    ...options.env,
  };
  const left: Promise<void>[] = [];
  const app = {
    ...createApp(readEnv(env), options.now),
    afterResponse: (work: () => Promise<void>) => {
      left.push(work());
    },
  };
  await boot(app);
  installApp(app);
  return {
    app,
    database,
    env,
    join: async (role, name = firstNames[role]) =>
      visitorFor(app, await addPerson(app, role, name)),
    settle: async () => {
      await Promise.all(left.splice(0));
      await flushRecords(app);
    },
    close: async () => {
      await Promise.allSettled(left);
      await flushRecords(app);
      await app.mcp.close();
      await app.db.$disconnect();
      // In Node 20 each promise asks every storage ever used, including those of earlier installations.
      app.requests.disable();
      await database.drop();
    },
  };
}

const firstNames = { ADMIN: "Ann Admin", MEMBER: "Mia Member", AUDITOR: "Abe Auditor" } as const;

let people = 0;

async function addPerson(app: AppContext, role: Role, name: string): Promise<UserRow> {
  people += 1;
  const email = `${name.split(" ")[0]?.toLowerCase()}-${people}@example.com`;
  // A hash names its own cost. Usher's would take most of the time of a test with many sign-ins.
  const cost = { memoryCost: 64, timeCost: 1, parallelism: 1 };
  const passwordHash = await hash(`password of ${email}`, cost);
  return insertUser(app.db, { email, name, role, passwordHash });
}

/** A browser in which this person is signed in. */
export async function visitorFor(app: AppContext, user: UserRow): Promise<Visitor> {
  const client = { ipAddress: null, userAgent: "", cookies: {} };
  const sessionId = await startSession(app, user, client, "password");
  if (!sessionId) throw new Error(`${user.email} cannot sign in.`);
  const cookie = await sessionToken(app.env, user.id, sessionId);
  return new Visitor(user, { [sessionCookieName(app.env)]: cookie });
}

export async function startProvider(
  options: Partial<Parameters<typeof startAuthorizationServer>[0]> = {},
): Promise<AuthorizationServer> {
  const provider = await startAuthorizationServer({
    redirectUris: [`${publicUrl}/oauth/callback`],
    ...options,
  });
  provider.registerResource(nowhere, "Nowhere");
  return provider;
}
