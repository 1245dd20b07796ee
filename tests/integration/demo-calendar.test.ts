import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startPractice } from "@/demo/practice";
import { calendarName, personalName, seed } from "@/demo/seed";
import { callTool } from "@/lib/calls/call-tool";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { AuthorizationRequiredError } from "@/lib/errors";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { comeBack, startOidc } from "@/tests/support/oidc-browser";
import { consent } from "@/tests/support/provider-consent";
import { Visitor } from "@/tests/support/visitor";

const clientSecret = "a-secret-of-the-demo";
let dataDir: string;
let practice: Awaited<ReturnType<typeof startPractice>>;
let usher: Installation;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "demo-calendar-"));
  practice = await startPractice({
    ...{ dataDir, clientSecret, redirectUris: [`${publicUrl}/oauth/callback`] },
    signIn: { clientSecret, redirectUri: `${publicUrl}/api/auth/callback/oidc` },
  });
  const { ready } = practice;
  usher = await startInstallation({
    env: {
      ...{ ADMIN_EMAIL: "admin@usher.example", ADMIN_PASSWORD: "correct horse battery" },
      ...{ OIDC_ISSUER: ready.signIn?.issuer ?? "", OIDC_CLIENT_ID: "usher" },
      ...{ OIDC_CLIENT_SECRET: clientSecret, OIDC_KEEP_TOKENS: "1" },
    },
  });
  await seed(usher.app, { ready, clientSecret, memberPassword: "member horse battery" });
});
afterAll(async () => {
  await usher.close();
  await practice.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function signIn(person: "ada" | "grace") {
  const { db } = usher.app;
  const visitor = new Visitor(await db.user.findFirstOrThrow({ where: { role: "ADMIN" } }), {});
  const callback = await consent({ authorizationUrl: await startOidc(visitor), person });
  expect(await comeBack(visitor, callback)).toBe("/chat");
  return db.user.findFirstOrThrow({ where: { email: `${person}@practice.example` } });
}

async function idOf(name: string): Promise<string> {
  return (await usher.app.db.mcpServer.findFirstOrThrow({ where: { name } })).id;
}

async function toolsOf(name: string): Promise<string> {
  const catalogue = await findCatalogue(usher.app.db, await idOf(name));
  return JSON.stringify(catalogue?.tools);
}

/** What the chat does with the sentence. */
async function list(serverName: string, userId: string): Promise<string> {
  const call = {
    serverId: await idOf(serverName),
    toolName: "list_files",
    input: {},
    user: { id: userId },
  };
  const { signal } = new AbortController();
  return JSON.stringify(await callTool(usher.app, { ...call, signal }));
}

it("the calendar's tools are known before anyone signs in with Practice ID", async () => {
  expect(await toolsOf(calendarName)).toContain("list_files");
});

it.each([
  ["ada", "Ada Lovelace"],
  ["grace", "Grace Hopper"],
] as const)(
  "the demo's Team Calendar answers %s, who signed in with Practice ID and connected nothing",
  async (person, name) => {
    const user = await signIn(person);
    expect(user.name).toBe(name);
    expect(await list(calendarName, user.id)).toContain("this-week.md");
    await expect(list(personalName, user.id)).rejects.toThrow(AuthorizationRequiredError);
  },
);
