import { spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createApp } from "@/lib/app";
import { deleteServer } from "@/lib/authorization/revoke";
import { openInput, sealInput } from "@/lib/chat/input/sealed-input";
import { openModelKey, sealModelKey } from "@/lib/chat/model/providers/api-key";
import { openMailText, sealMailText } from "@/lib/email/sealed-text";
import { readEnv } from "@/lib/env";
import { ConfigurationError, TryLaterError } from "@/lib/errors";
import { rotateSecrets } from "@/lib/rotation/rotate-secrets";
import { canaryColumn, rotatedColumns } from "@/lib/rotation/sealed-columns";
import { publicKeySet, signingKey } from "@/lib/servers/client-keys";
import { openEndpoint } from "@/lib/servers/open-endpoint";
import { createServer } from "@/lib/servers/save";
import { sealValues } from "@/lib/servers/secret-values";
import { openIdentity, sealIdentity } from "@/lib/session/oidc/kept-tokens";
import { openTwoFactor, sealTwoFactor } from "@/lib/session/two-factor/secret";
import { accessToken } from "@/lib/tokens/access-token";
import { sealPersonalKey } from "@/lib/tokens/personal-key";
import { sweepRevocations } from "@/lib/tokens/revocation/revocation-sweep";
import { TokenCache } from "@/lib/tokens/token-cache";
import { openTokens, sealTokens } from "@/lib/tokens/token-store";
import { openSigningSecret, sealSigningSecret } from "@/lib/webhooks/signing-secret";
import { authorize, clickAuthorize } from "@/tests/support/authorize";
import { bundledFile } from "@/tests/support/bundled-file";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const lifetime = 60 * 60_000;

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let owner: { serverId: string; ownerKey: string };
/** The environment with a new key, and the key that sealed everything so far as the old one. */
let env: Record<string, string>;
/** Usher started with it. */
let rotated: ReturnType<typeof createApp>;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetime / 1000 });
});
afterAll(() => provider.close());

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now, env: { STDIO_SERVERS: "trusted" } });
  const admin = await usher.join("ADMIN");
  const serverId = await createServer(usher.app, oauthServerInput(provider));
  owner = { serverId, ownerKey: "shared" };
  await authorize(admin, serverId);
  await clickAuthorize(admin, serverId);
  await createServer(
    usher.app,
    serverInput({
      name: "Headers",
      url: "https://mcp.example.com/mcp",
      authentication: "HEADERS",
      headers: "X-Key: canary-of-a-header",
    }),
  );
  await createServer(
    usher.app,
    serverInput({ name: "Stdio", transport: "STDIO", command: "tool", environment: "KEY=value" }),
  );
  await addAnsweredCall(admin.user.id, serverId);
  await addKey(admin.user.id, serverId);
  await addPendingRevocation(admin);
  await addModelProvider();
  await addClientKeys();
  await addWebhook();
  await addMail(admin.user.id);
  await addTwoFactor(admin.user.id);
  await addSignIn(admin.user.id);
  env = {
    ...usher.env,
    SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    SECRETS_ENCRYPTION_KEYS_OLD: usher.env.SECRETS_ENCRYPTION_KEY ?? "",
  };
  rotated = createApp(readEnv(env), clock.now);
  return async () => {
    await rotated.mcp.close();
    await rotated.db.$disconnect();
    await usher.close();
  };
});

async function addKey(userId: string, serverId: string): Promise<void> {
  const key = { serverId, userId };
  const valuesSealed = sealPersonalKey(usher.app.keyring, key, { "X-Key": "canary-of-a-key" });
  await usher.app.db.personalKey.create({
    data: { ...key, valuesSealed, headerNames: ["X-Key"], savedAt: new Date() },
  });
}

/** For a server deleted while its provider is unavailable: the client's secret is kept with the tokens. */
async function addPendingRevocation(admin: Visitor): Promise<void> {
  const input = oauthServerInput(provider, { name: "Deleted" });
  const serverId = await createServer(usher.app, input);
  await authorize(admin, serverId);
  await usher.settle();
  provider.failNextRevocationRequests(Number.POSITIVE_INFINITY, { kind: "status", status: 503 });
  await deleteServer(usher.app, admin.actor, serverId, "Deleted");
  provider.stopFailing();
}

async function addClientKeys(): Promise<void> {
  await publicKeySet(usher.app);
}

async function addModelProvider(): Promise<void> {
  const id = randomUUID();
  const apiKeySealed = sealModelKey(usher.app.keyring, id, "canary-of-a-model-key");
  await usher.app.db.modelProvider.create({
    data: { id, kind: "openai", name: "openai", apiKeySealed },
  });
}

async function addTwoFactor(userId: string): Promise<void> {
  const secretSealed = sealTwoFactor(usher.app.keyring, userId, "CANARYOFATWOFACTOR");
  await usher.app.db.twoFactor.create({ data: { userId, secretSealed, createdAt: new Date() } });
}

async function addSignIn(userId: string): Promise<void> {
  const { db, keyring } = usher.app;
  const identity = { issuer: "https://id.example.com", subject: "ada", clientId: "usher" };
  const { issuer, subject, clientId } = identity;
  await db.oidcIdentity.create({ data: { issuer, subject, userId, createdAt: new Date() } });
  const claims = { iss: issuer, sub: subject, aud: clientId };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const at = new Date();
  const columns = sealIdentity(keyring, userId, {
    ...{ idToken: `${part({ alg: "RS256" })}.${part(claims)}.signed`, idTokenExpiresAt: at },
    ...{ idTokenObtainedAt: at, obtainedAt: at, accessTokenExpiresAt: at },
    ...{ accessToken: "canary-of-an-access-token", refreshToken: "canary-of-a-refresh-token" },
  });
  await db.identityTokens.create({ data: { ...identity, userId, ...columns, signedInAt: at } });
  const { refreshTokenSealed } = columns;
  if (!refreshTokenSealed) throw new Error("Nothing was sealed.");
  await db.endedSignIn.create({ data: { userId, issuer, clientId, refreshTokenSealed } });
}

async function addMail(userId: string): Promise<void> {
  const id = randomUUID();
  const textSealed = sealMailText(usher.app.keyring, id, {
    ...{ subject: "canary-of-a-mail", paragraphs: [], footer: "" },
    action: { label: "Open", url: "https://usher.example.com" },
  });
  await usher.app.db.outgoingMail.create({
    data: { id, userId, textSealed, createdAt: new Date() },
  });
}

async function addWebhook(): Promise<void> {
  const { keyring, db } = usher.app;
  const id = randomUUID();
  const [secret, previous] = ["canary-of-a-webhook", "canary-of-its-previous-secret"];
  await db.webhook.create({
    data: {
      ...{ id, url: "https://hooks.example.com", eventTypes: [] },
      secretSealed: sealSigningSecret(keyring, id, "secretSealed", secret),
      previousSecretSealed: sealSigningSecret(keyring, id, "previousSecretSealed", previous),
    },
  });
}

/** Sealed columns with the number of boxes in each that were written by a key other than this one. */
async function boxesNotUnder({ keyring }: { keyring: typeof rotated.keyring }) {
  const left: Record<string, number> = {};
  for (const { table, column } of [...rotatedColumns, canaryColumn]) {
    const [row] = await usher.app.db.$queryRawUnsafe<{ all: number; other: number }[]>(
      `SELECT count("${column}")::int AS "all",
         count(*) FILTER (WHERE split_part("${column}", '.', 2) <> $1)::int AS "other" FROM "${table}"`,
      keyring.current.id,
    );
    if (row?.all === 0) throw new Error(`Nothing is stored in ${table}.${column}`);
    left[`${table}.${column}`] = row?.other ?? 0;
  }
  return left;
}

const total = (counts: Record<string, number>) =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

/** `npm run secrets:rotate` as a separate process. */
function startRotation(environment: Record<string, string>) {
  const child = spawn(process.execPath, [bundledFile("secrets-rotate")], {
    env: { ...environment, PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  return { child, lines, output, exited: once(child, "close") };
}

describe("re-sealing", () => {
  it("knows every sealed column of the database", async () => {
    const columns = await usher.app.db.$queryRaw<{ name: string }[]>`
      SELECT table_name || '.' || column_name AS "name" FROM information_schema.columns
      WHERE table_schema = 'public' AND column_name LIKE '%Sealed'`;
    const known = [...rotatedColumns, canaryColumn].map(
      ({ table, column }) => `${table}.${column}`,
    );
    expect(known.toSorted()).toEqual(columns.map(({ name }) => name).toSorted());
  });

  it("leaves nothing under the old key, and everything opens without it", async () => {
    expect(total(await boxesNotUnder(rotated))).toBe(25);
    const result = await rotateSecrets(rotated);
    expect(result).toEqual({ resealed: 25, left: {}, unopened: [] });
    expect(total(await boxesNotUnder(rotated))).toBe(0);

    const { SECRETS_ENCRYPTION_KEYS_OLD: _, ...withoutOld } = env;
    const later = createApp(readEnv(withoutOld), clock.now);
    try {
      clock.advance(lifetime);
      expect(await accessToken(later, owner)).toMatch(/./);
      const headers = await usher.app.db.mcpServer.findUniqueOrThrow({
        where: { name: "Headers" },
      });
      const { endpoint } = await openEndpoint(later, headers.id);
      expect(endpoint).toMatchObject({ headers: { "X-Key": "canary-of-a-header" } });
      const call = await usher.app.db.pausedToolCall.findFirstOrThrow();
      const state = openInput(later.keyring, call, "requestStateSealed", call.requestStateSealed);
      expect(state).toBe("canary-of-a-state");
      const model = await usher.app.db.modelProvider.findFirstOrThrow();
      expect(openModelKey(later.keyring, model)).toBe("canary-of-a-model-key");
      const { privateKey } = await signingKey(later, {});
      expect(privateKey.type).toBe("private");
      const row = await usher.app.db.twoFactor.findFirstOrThrow();
      expect(openTwoFactor(later.keyring, row.userId, row.secretSealed)).toContain("CANARY");
      const signIn = openIdentity(
        later.keyring,
        await usher.app.db.identityTokens.findFirstOrThrow(),
      );
      expect(signIn).toMatchObject({ refreshToken: "canary-of-a-refresh-token" });
      const { id, secretSealed } = await usher.app.db.webhook.findFirstOrThrow();
      const secret = openSigningSecret(later.keyring, id, "secretSealed", secretSealed);
      expect(secret).toBe("canary-of-a-webhook");
      const mail = await usher.app.db.outgoingMail.findFirstOrThrow();
      const { subject } = openMailText(later.keyring, mail.id, mail.textSealed);
      expect(subject).toBe("canary-of-a-mail");
      await sweepRevocations(later);
      const revocation = await usher.app.db.tokenRevocation.findFirstOrThrow();
      expect(revocation).toMatchObject({ outcome: "REVOKED", clientSecretSealed: null });
    } finally {
      await later.mcp.close();
      await later.db.$disconnect();
    }
  });

  it("that never ran is reported by each account whose key is missing, and is fixed once the key returns", async () => {
    const { SECRETS_ENCRYPTION_KEYS_OLD: _, ...withoutOld } = env;
    const lost = createApp(readEnv(withoutOld), clock.now);
    const lastError = async () => (await usher.app.db.storedTokenSet.findFirst())?.lastRefreshError;
    clock.advance(lifetime);
    try {
      await expect(accessToken(lost, owner)).rejects.toThrow(TryLaterError);
    } finally {
      await lost.mcp.close();
      await lost.db.$disconnect();
    }
    expect(await lastError()).toMatch(
      /sealed with the key .* Add that key to SECRETS_ENCRYPTION_KEYS_OLD/,
    );
    clock.advance(60 * 60_000);
    expect(await accessToken(rotated, owner)).toMatch(/./);
    expect(await lastError()).toBeNull();
  });

  it("changes nothing in a second run", async () => {
    await rotateSecrets(rotated);
    expect(await rotateSecrets(rotated)).toEqual({ resealed: 0, left: {}, unopened: [] });
  });

  it("does not overwrite a refresh that saves at the same moment", async () => {
    const row = await usher.app.db.storedTokenSet.findFirstOrThrow({ where: owner });
    const tokens = { ...openTokens(usher.app.keyring, row), accessToken: "newer" };
    let rotation: Promise<unknown> = Promise.resolve();
    // The row stays locked until the transaction ends: the rotation meets it with a box it has already read.
    await usher.app.db.$transaction(async (tx) => {
      await tx.storedTokenSet.update({
        where: { id: row.id },
        data: sealTokens(rotated.keyring, owner, tokens),
      });
      rotation = rotateSecrets(rotated);
      await expect.poll(() => waitingStatements()).toBeGreaterThan(0);
    });
    await rotation;
    const saved = await usher.app.db.storedTokenSet.findFirstOrThrow({ where: owner });
    expect(openTokens(rotated.keyring, saved).accessToken).toBe("newer");
    expect(total(await boxesNotUnder(rotated))).toBe(0);
  });

  it("says which boxes do not open, and leaves only those unchanged", async () => {
    const stranger = createKeyring();
    const { id } = await usher.app.db.mcpServer.findUniqueOrThrow({ where: { name: "Headers" } });
    await usher.app.db.mcpServer.update({
      where: { id },
      data: { headersSealed: sealValues(stranger, id, "headersSealed", { a: "b" }) },
    });
    expect(await rotateSecrets(rotated)).toEqual({
      resealed: 24,
      left: { "McpServer.headersSealed": 1 },
      unopened: [`McpServer.headersSealed ${id}`],
    });
  });

  it("changes nothing if neither key belongs to the database", async () => {
    const foreign = { db: usher.app.db, keyring: createKeyring() };
    await expect(rotateSecrets(foreign)).rejects.toThrow(ConfigurationError);
    expect(total(await boxesNotUnder(usher.app))).toBe(0);
  });
});

describe("npm run secrets:rotate", () => {
  it("can be killed half-way and run again under ten calls a second: no call fails, no row is left", async () => {
    const rows = 4000;
    await addServersWithHeaders(rows);
    const outcomes = { served: 0, failed: [] as unknown[], tokens: new Set<string>() };
    const calling = callTenTimesASecond(outcomes);

    const first = startRotation(env);
    await new Promise<void>((resolve, reject) => {
      first.output.on("line", (line) => {
        const [, done] = /^McpServer\.headersSealed: (\d+) of/.exec(line) ?? [];
        if (Number(done) >= rows / 2) resolve();
      });
      first.child.once("exit", () =>
        reject(new Error(`It ended early:\n${first.lines.join("\n")}`)),
      );
    });
    first.child.kill("SIGKILL");
    await first.exited;
    const halfWay = total(await boxesNotUnder(rotated));
    expect(halfWay).toBeGreaterThan(0);
    expect(halfWay).toBeLessThan(rows + 10);

    const second = startRotation(env);
    expect((await second.exited)[0]).toBe(0);
    await calling.stop();

    expect(second.lines.at(-2)).toMatch(/Still sealed with an old key: 0\./);
    expect(second.lines.join("\n")).not.toContain("canary");
    expect(total(await boxesNotUnder(rotated))).toBe(0);
    expect(outcomes.failed).toEqual([]);
    expect(outcomes.served).toBeGreaterThan(20);
    // Refreshes ran all the time, so that tokens were written alongside the rotation.
    expect(outcomes.tokens.size).toBeGreaterThan(3);
  });

  it("says what is missing, without a value", async () => {
    const { SECRETS_ENCRYPTION_KEYS_OLD: _, ...newKeyOnly } = env;
    const { lines, exited } = startRotation(newKeyOnly);
    expect((await exited)[0]).toBe(1);
    expect(lines.join("\n")).toContain("SECRETS_ENCRYPTION_KEYS_OLD");
    expect(lines.join("\n")).not.toContain(newKeyOnly.SECRETS_ENCRYPTION_KEY);
  });
});

function createKeyring() {
  const SECRETS_ENCRYPTION_KEY = randomBytes(32).toString("base64");
  return readEnv({ ...usher.env, SECRETS_ENCRYPTION_KEY }).keyring;
}

async function waitingStatements(): Promise<number> {
  const [row] = await usher.app.db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS "count" FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()`;
  return row?.count ?? 0;
}

/** A call whose server's question is answered, and which no turn has resumed yet. */
async function addAnsweredCall(userId: string, serverId: string): Promise<void> {
  const { db, keyring } = usher.app;
  const conversation = await db.conversation.create({ data: { userId, title: "Rooms" } });
  const call = { conversationId: conversation.id, toolCallId: "call" };
  await db.pausedToolCall.create({
    data: {
      ...{ ...call, serverId, toolName: "book_room", input: {}, state: "INPUT_GIVEN" as const },
      inputContentSealed: sealInput(keyring, call, "inputContentSealed", { answer: {} }),
      requestStateSealed: sealInput(keyring, call, "requestStateSealed", "canary-of-a-state"),
    },
  });
}

async function addServersWithHeaders(count: number): Promise<void> {
  // A statement may take 5 s.
  const atOnce = 500;
  for (let added = 0; added < count; added += atOnce) {
    const ids = Array.from({ length: Math.min(atOnce, count - added) }, () => crypto.randomUUID());
    await usher.app.db.mcpServer.createMany({
      data: ids.map((id) => ({
        id,
        name: id,
        transport: "STREAMABLE_HTTP" as const,
        url: "https://mcp.example.com/mcp",
        authentication: "HEADERS" as const,
        headersSealed: sealValues(usher.app.keyring, id, "headersSealed", { "X-Key": id }),
      })),
    });
  }
}

/** Each with an empty memory, so that it opens what is stored; the clock moves so that every fifth one refreshes. */
function callTenTimesASecond(outcomes: { served: number; failed: unknown[]; tokens: Set<string> }) {
  const calls: Promise<void>[] = [];
  const timer = setInterval(() => {
    if (calls.length % 5 === 0) clock.advance(lifetime);
    const tokenCache = new TokenCache(clock.now);
    const call = accessToken({ ...rotated, tokenCache, refreshesUnderWay: new Map() }, owner).then(
      (token) => {
        outcomes.served += 1;
        outcomes.tokens.add(token);
      },
      (error: unknown) => {
        outcomes.failed.push(String(error));
      },
    );
    calls.push(call);
  }, 100);
  return {
    stop: async () => {
      clearInterval(timer);
      await Promise.all(calls);
    },
  };
}
