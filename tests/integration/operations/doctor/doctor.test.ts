import { randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import pg from "pg";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { GET as doctorRoute } from "@/app/api/doctor/route";
import { GET as bundleRoute } from "@/app/api/mcp-servers/[serverId]/support-bundle/route";
import type { DoctorCheckId, DoctorResult } from "@/lib/contracts/doctor";
import { createServer } from "@/lib/servers/save";
import { makeCanary } from "@/lib/vault/canary";
import { parseKeyring } from "@/lib/vault/keyring";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type LocalHttpServer, startHttpServer } from "@/tests/support/local-http-server";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import { type Pgbouncer, pgbouncerProgram, startPgbouncer } from "@/tests/support/pgbouncer";
import { createTestDatabase } from "@/tests/support/postgres";
import { nowhere, serverInput } from "@/tests/support/server-input";
import { startStopwatch } from "@/tests/support/stopwatch";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
const toClose: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of toClose.splice(0)) await each.close();
});

async function start(options: Parameters<typeof startInstallation>[0] = {}): Promise<void> {
  usher = await startInstallation(options);
  toClose.push(usher);
  admin = await usher.join("ADMIN");
}

type Results = Record<DoctorCheckId, DoctorResult>;

async function examine(): Promise<Results> {
  const answer = await admin.visit(doctorRoute, { path: "/api/doctor" });
  expect(answer.status).toBe(200);
  const lines = (await answer.text()).trim().split("\n");
  const results = lines.map((line) => JSON.parse(line) as DoctorResult);
  return Object.fromEntries(results.map((result) => [result.id, result])) as Results;
}

/** An MCP server's host with this response. */
async function register(answer: RequestListener): Promise<LocalHttpServer> {
  const server = await startHttpServer(answer);
  toClose.push(server);
  const url = `${server.origin}/mcp`;
  await createServer(usher.app, serverInput({ name: server.origin, url }));
  return server;
}

describe("a healthy installation", () => {
  it("has nothing to fix in database, keys, clocks and machine", async () => {
    await start();
    await register((_, response) => response.end("hello"));
    const results = await examine();
    for (const id of ["configuration", "pooler", "migrations", "connections"] as const) {
      expect(results[id]).toMatchObject({ status: "ok", fix: null });
    }
    for (const id of ["keys", "database-clock", "provider-clocks", "outbound"] as const) {
      expect(results[id]).toMatchObject({ status: "ok", fix: null });
    }
    // A busy machine is slow, which is a warning.
    expect(results.database.finding).toMatch(/^Postgres \d+.* answers in [\d.]+ ms\./);
    expect(results.models.finding).toContain("built-in assistant");
    expect(results.email.status).toBe("skipped");
    expect(results.disk.status).toBe("skipped");
  });

  it("names a variable that looks misspelt, without its value", async () => {
    await start({ env: { OIDC_ISSUER_URL: "https://id.example.com", METRIC_TOKEN: "a-secret" } });
    const { configuration } = await examine();
    expect(configuration.status).toBe("warning");
    expect(configuration.finding).toContain("OIDC_ISSUER_URL is not a variable of Usher.");
    expect(configuration.finding).toContain("Did you mean METRICS_TOKEN?");
    expect(configuration.finding).not.toContain("a-secret");
  });

  it("shows no secret in any result, whatever fails", async () => {
    const env = {
      OPENAI_COMPATIBLE_BASE_URL: "http://127.0.0.1:9/v1",
      OPENAI_COMPATIBLE_API_KEY: randomBytes(24).toString("base64url"),
      AI_MODEL: "openai-compatible/gone",
      OUTBOUND_PROXY_URL: "http://ada:pass-of-the-proxy@127.0.0.1:9",
      METRICS_TOKEN: randomBytes(24).toString("base64url"),
    };
    await start({ env });
    const text = JSON.stringify(await examine());
    const { password } = new URL(usher.env.DATABASE_URL ?? "");
    const secrets = [
      ...["SECRETS_ENCRYPTION_KEY", "NEXTAUTH_SECRET", "CRON_SECRET"].map(
        (name) => usher.env[name],
      ),
      ...[env.OPENAI_COMPATIBLE_API_KEY, env.METRICS_TOKEN, "pass-of-the-proxy"],
      ...(password ? [password] : []),
    ];
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

describe("the keys", () => {
  it("are reported as wrong if the database was sealed with another key", async () => {
    await start();
    const canary = await usher.app.db.vaultCanary.findFirstOrThrow();
    const { keyring } = parseKeyring(randomBytes(32).toString("base64"), undefined);
    if (!keyring) throw new Error("no keyring");
    const data = { boxSealed: makeCanary(keyring) };
    await usher.app.db.vaultCanary.update({ where: { id: canary.id }, data });
    expect((await examine()).keys).toMatchObject({
      status: "failed",
      finding: "SECRETS_ENCRYPTION_KEY does not open what this database holds.",
      fix: expect.stringContaining("SECRETS_ENCRYPTION_KEYS_OLD"),
    });
  });

  it("have to be rotated while an old one is in use, and the old one removed afterwards", async () => {
    await start();
    const { SECRETS_ENCRYPTION_KEY: oldKey = "" } = usher.env;
    await createServer(
      usher.app,
      serverInput({ url: nowhere, authentication: "HEADERS", headers: "X-Key: a-value" }),
    );
    const database = { url: usher.database.url, drop: async () => {} };
    const env = {
      SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      SECRETS_ENCRYPTION_KEYS_OLD: oldKey,
      NEXTAUTH_SECRET: usher.env.NEXTAUTH_SECRET ?? "",
    };
    const before = usher;
    usher = await startInstallation({ database, env });
    toClose.unshift(usher);
    expect((await examine()).keys).toMatchObject({
      status: "warning",
      finding: "2 stored secrets are still encrypted with an old key.",
      fix: 'Run "npm run secrets:rotate".',
    });
    const { rotateSecrets } = await import("@/lib/rotation/rotate-secrets");
    await rotateSecrets(usher.app);
    expect((await examine()).keys).toMatchObject({
      status: "warning",
      fix: expect.stringContaining("Empty SECRETS_ENCRYPTION_KEYS_OLD"),
    });
    expect(before.env.SECRETS_ENCRYPTION_KEY).toBe(oldKey);
  });
});

describe("migrations", () => {
  const forget = (name: string) =>
    usher.app.db.$statement("DELETE FROM _prisma_migrations WHERE migration_name = $1", [name]);

  it("that are pending are named", async () => {
    await start();
    await forget("20261127123000_retention");
    expect((await examine()).migrations).toMatchObject({
      status: "failed",
      finding: "1 migration is pending: 20261127123000_retention.",
      fix: expect.stringContaining("npm run db:migrate"),
    });
  });

  it("that failed are distinguished from those that only a newer version has", async () => {
    await start();
    const add = (name: string, finished: string) =>
      usher.app.db.$statement(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at)
         VALUES (gen_random_uuid(), 'x', $1, now(), ${finished})`,
        [name],
      );
    await add("29990101000000_newer", "now()");
    expect((await examine()).migrations).toMatchObject({
      status: "warning",
      finding: expect.stringContaining("newer than this Usher: it has 29990101000000_newer"),
    });
    await add("29990102000000_broken", "NULL");
    expect((await examine()).migrations).toMatchObject({
      status: "failed",
      fix: expect.stringContaining("--retry-failed"),
    });
  });
});

describe.skipIf(pgbouncerProgram() === null)("a database behind pgbouncer", () => {
  it.each(["transaction", "session"] as const)("in %s mode is recognized", async (mode) => {
    const direct = await createTestDatabase();
    const pooler: Pgbouncer = await startPgbouncer(pgbouncerProgram() ?? "", direct.url, mode);
    const drop = async () => {
      await pooler.stop();
      await direct.drop();
    };
    // Less than the pooler has sessions: in session mode each connection holds one.
    await start({ database: { url: pooler.url, drop }, env: { DATABASE_POOL_SIZE: "1" } });
    for (let n = 0; n < 3; n++) {
      expect((await examine()).pooler).toMatchObject({
        status: "ok",
        finding: expect.stringContaining(`A pooler in ${mode} mode`),
      });
    }
  });

  it("in session mode, with no session left for another connection, is reported", async () => {
    const direct = await createTestDatabase();
    const pooler = await startPgbouncer(pgbouncerProgram() ?? "", direct.url, "session");
    const drop = async () => {
      await pooler.stop();
      await direct.drop();
    };
    await start({ database: { url: pooler.url, drop }, env: { DATABASE_POOL_SIZE: "3" } });
    const { db } = usher.app;
    const held = Array.from({ length: 3 }, () => db.$statement("SELECT pg_sleep(0.2)", []));
    await Promise.all(held);
    expect((await examine()).pooler).toMatchObject({
      status: "warning",
      fix: expect.stringContaining("DATABASE_POOL_SIZE"),
    });
  });

  it("in statement mode, which Usher cannot use, is rejected", async () => {
    await start();
    const pooler = await startPgbouncer(pgbouncerProgram() ?? "", usher.database.url, "statement");
    toClose.unshift({ close: () => pooler.stop() });
    (usher.app.env as { databaseUrl: string }).databaseUrl = pooler.url;
    expect((await examine()).pooler).toMatchObject({
      status: "failed",
      fix: "Switch the pooler to transaction mode.",
    });
  });
});

describe("connections", () => {
  it("are too few if the role may have fewer than a process opens", async () => {
    await start();
    const role = `few_${Date.now()}`;
    const owner = new pg.Client(usher.database.url);
    await owner.connect();
    await owner.query(`CREATE ROLE ${role} LOGIN SUPERUSER PASSWORD 'p' CONNECTION LIMIT 6`);
    await owner.end();
    const url = new URL(usher.database.url);
    url.username = role;
    url.password = "p";
    const { DATABASE_URL: _, ...env } = usher.env;
    usher = await startInstallation({ env, database: { url: url.href, drop: async () => {} } });
    toClose.unshift(usher);
    expect((await examine()).connections).toMatchObject({
      status: "warning",
      finding: expect.stringContaining("the server allows 6"),
    });
  });
});

describe("providers and servers", () => {
  it("are named if their clock is 10 minutes ahead", async () => {
    await start();
    await register((_, response) => response.end());
    const off = await register((_, response) => {
      const date = new Date(Date.now() + 10 * 60_000).toUTCString();
      response.writeHead(404, { date }).end();
    });
    expect((await examine())["provider-clocks"]).toMatchObject({
      status: "warning",
      finding: `127.0.0.1:${off.port} is 10 minutes ahead of this machine.`,
    });
  });

  it("that answer from a cache do not count as behind", async () => {
    await start();
    await register((_, response) => {
      const date = new Date(Date.now() - 10 * 60_000).toUTCString();
      response.writeHead(200, { date, age: "600" }).end();
    });
    expect((await examine())["provider-clocks"].status).toBe("ok");
  });

  it("that hang delay no other result", async () => {
    await start();
    await register((_, response) => response.end());
    const hanging = await register(() => {});
    const answer = await admin.visit(doctorRoute, { path: "/api/doctor" });
    const reader = answer.body?.getReader();
    const arrived: string[] = [];
    const elapsed = startStopwatch();
    let outbound: DoctorResult | null = null;
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) break;
      for (const line of new TextDecoder().decode(value).trim().split("\n")) {
        const result = JSON.parse(line) as DoctorResult;
        arrived.push(result.id);
        if (result.id === "outbound") outbound = result;
      }
    }
    expect(outbound).toMatchObject({
      status: "warning",
      finding: expect.stringContaining(`127.0.0.1:${hanging.port} did not answer within 6 seconds`),
    });
    expect(elapsed()).toBeLessThan(9_000);
    expect(new Set(arrived.slice(-2))).toEqual(new Set(["outbound", "provider-clocks"]));
  });

  it("that cannot be resolved are reported with what to check", async () => {
    await start();
    await createServer(usher.app, serverInput({ url: "https://no-such-host.invalid/mcp" }));
    expect((await examine()).outbound).toMatchObject({
      status: "failed",
      finding: expect.stringContaining("no-such-host.invalid"),
      fix: expect.stringContaining("DNS"),
    });
  });

  it("that cannot be reached are told in whole sentences, three of them at most", async () => {
    await start();
    for (const name of ["a", "b", "c", "d"]) {
      const url = `https://${name}.invalid/mcp`;
      await createServer(usher.app, serverInput({ name, url }));
    }
    const { finding } = (await examine()).outbound;
    expect(finding).toMatch(/^4 of 4 hosts .* cannot be reached\. .* And 1 more\.$/);
    expect(finding).not.toMatch(/\.,|\. and/);
  });

  it("keep the secret in a server's URL to themselves", async () => {
    await start();
    await createServer(
      usher.app,
      serverInput({ url: "https://no-such-host.invalid/k/s3cr3t-in-path" }),
    );
    expect(JSON.stringify(await examine())).not.toContain("s3cr3t");
  });
});

describe("a model", () => {
  let model: OpenAiServer;
  const env = (url: string) => ({
    OPENAI_COMPATIBLE_BASE_URL: url,
    OPENAI_COMPATIBLE_API_KEY: "sk-the-key-of-the-model",
    AI_MODEL: "openai-compatible/practice-model",
  });

  beforeAll(() => {
    model = null as never;
  });

  it.each([
    ["answers", [{ type: "text", deltas: ["OK"] }], "ok", /practice-model answers\.$/],
    ["refuses the key", [{ type: "error", status: 401 }], "failed", /refused the key \(401\)/],
    [
      "is not known",
      [{ type: "error", status: 404, message: "The model does not exist" }],
      "failed",
      /does not know this model \(404\)/,
    ],
    ["is overloaded", [{ type: "error", status: 503 }], "failed", /temporary problem \(503\)/],
  ] as const)("that %s", async (_, steps, status, words) => {
    model = await startOpenAiServer(() => steps as never);
    toClose.push(model);
    await start({ env: env(model.url) });
    const result = (await examine()).models;
    expect(result).toMatchObject({ status, finding: expect.stringMatching(words) });
    expect(JSON.stringify(result)).not.toContain("sk-the-key");
  });

  it("of a server that does not run", async () => {
    const gone = await startHttpServer(() => {});
    await gone.close();
    await start({ env: env(`${gone.origin}/v1`) });
    expect((await examine()).models).toMatchObject({
      status: "failed",
      finding: "openai-compatible/practice-model did not answer (ECONNREFUSED).",
    });
  });
});

describe("the sweep", () => {
  it.each([
    ["has not run", null, null, "warning", "No sweep has run yet."],
    ["ran lately", 2, null, "ok", "The last sweep began 2 minutes ago."],
    ["is late", 40, null, "failed", "The last sweep began 40 minutes ago. One is due"],
    ["ended with an error", 2, "Something broke", "warning", "It ended with an error."],
  ] as const)("%s", async (_, minutesAgo, error, status, words) => {
    await start();
    if (minutesAgo !== null) {
      const startedAt = new Date(Date.now() - minutesAgo * 60_000);
      await usher.app.db.sweepRun.create({
        data: { trigger: "timer", startedAt, finishedAt: startedAt, error },
      });
    }
    expect((await examine()).sweep).toMatchObject({
      status,
      finding: expect.stringContaining(words),
    });
  });
});

describe("the surroundings", () => {
  it.each([
    [
      "a proxy for other programs",
      { HTTPS_PROXY: "http://p:1" },
      "proxy",
      "warning",
      "HTTPS_PROXY is set",
    ],
    [
      "an outbound proxy that is away",
      { OUTBOUND_PROXY_URL: "http://127.0.0.1:9" },
      "proxy",
      "failed",
      "127.0.0.1:9 cannot be reached (ECONNREFUSED)",
    ],
    [
      "a file of authorities that is not there",
      { NODE_EXTRA_CA_CERTS: "/nowhere/ca.pem" },
      "certificates",
      "failed",
      "cannot be read",
    ],
    [
      "a file of authorities that holds something else",
      { NODE_EXTRA_CA_CERTS: "package.json" },
      "certificates",
      "failed",
      "holds no certificate",
    ],
    [
      "certificates that are not checked",
      { NODE_TLS_REJECT_UNAUTHORIZED: "0" },
      "certificates",
      "failed",
      "NODE_TLS_REJECT_UNAUTHORIZED",
    ],
  ] as const)("with %s", async (_, env, id, status, words) => {
    await start({ env });
    expect((await examine())[id]).toMatchObject({
      status,
      finding: expect.stringContaining(words),
    });
  });
});

describe("a support bundle", () => {
  it("has the doctor's results, with this server's host and no other's", async () => {
    await start();
    await createServer(usher.app, serverInput({ name: "Other", url: "https://other.invalid/mcp" }));
    const url = "https://this.invalid/mcp";
    const serverId = await createServer(usher.app, serverInput({ name: "This", url }));
    const answer = await admin.visit(bundleRoute, {
      path: `/api/mcp-servers/${serverId}/support-bundle`,
      params: { serverId },
    });
    const text = await answer.text();
    const { doctor } = JSON.parse(text) as { doctor: DoctorResult[] };
    expect(doctor.find(({ id }) => id === "outbound")?.finding).toContain("this.invalid");
    expect(doctor.find(({ id }) => id === "migrations")?.status).toBe("ok");
    expect(text).not.toContain("other.invalid");
  });
});
