import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PUT as changeRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { nowhere, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admins: Visitor[];

beforeAll(async () => {
  const embedded = await serveEmbeddedDatabase({ port: 0 });
  await applyMigrations(embedded.url);
  usher = await startInstallation({
    env: { EMBEDDED_DATABASE: "1" },
    database: { url: embedded.url, drop: () => embedded.stop() },
  });
  admins = [];
  for (let n = 0; n < 5; n++) admins.push(await usher.join("ADMIN"));
});
afterAll(() => usher.close());

/** The responses to these requests, all sent at once: how many with each status. */
async function answers(requests: Promise<Response>[]) {
  const statuses: Record<number, number> = {};
  for (const response of await Promise.all(requests)) {
    statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    if (response.status !== 503) continue;
    expect((await response.json()).error.message).toContain("Try again");
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  return statuses;
}

const by = (n: number) => admins[n % admins.length] as Visitor;

const create = (n: number, name: string) =>
  by(n).visit(createRoute, {
    path: "/api/mcp-servers",
    json: serverInput({
      name,
      url: nowhere,
      ...(n % 2
        ? {}
        : {
            authentication: "OAUTH",
            oauth: {
              clientId: "usher",
              clientSecret: "s3cret-s3cret",
              authorizationEndpoint: "https://idp.example.com/authorize",
              tokenEndpoint: "https://idp.example.com/token",
            },
          }),
    }),
  });

describe("many people who save at the same time, on the embedded database", () => {
  test("get what they saved, or are told to try again", async () => {
    const before = await usher.app.db.mcpServer.count();
    const requests = Array.from({ length: 250 }, (_, n) => create(n, `Server ${n}`));
    const { 201: saved = 0, 503: later = 0, ...others } = await answers(requests);
    expect(others).toEqual({});
    expect(saved + later).toBe(250);
    expect(await usher.app.db.mcpServer.count()).toBe(before + saved);
  });

  test("change one server: one succeeds, the others learn that it changed", async () => {
    const { id } = await (await create(0, "Contended")).json();
    const requests = Array.from({ length: 100 }, (_, n) =>
      by(n).visit(changeRoute, {
        path: `/api/mcp-servers/${id}`,
        params: { serverId: id },
        method: "PUT",
        json: serverInput({ version: 1, name: `Changed ${n}`, url: nowhere }),
      }),
    );
    const { 200: saved = 0, 409: beaten = 0, 503: later = 0, ...others } = await answers(requests);
    expect(others).toEqual({});
    expect(saved).toBe(1);
    expect(beaten + later).toBe(99);
  });
});

describe("a save while another transaction holds the table for longer than anyone waits", () => {
  test("is told to try again, and is then not saved", async () => {
    const postgres = await startInstallation();
    admins = [await postgres.join("ADMIN")];
    const { id } = await (await create(1, "Held")).json();
    const client = new pg.Client(postgres.database.url);
    await client.connect();
    await client.query('BEGIN; LOCK TABLE "McpServer" IN EXCLUSIVE MODE');
    const path = `/api/mcp-servers/${id}`;
    const json = serverInput({ version: 1, name: "Changed", url: nowhere });
    const change = { path, params: { serverId: id }, method: "PUT", json } as const;
    const requests = [
      ...Array.from({ length: 40 }, (_, n) => create(n, `Held ${n}`)),
      by(0).visit(changeRoute, change),
    ];
    const answered = answers(requests);
    await delay(13_000);
    await client.query("ROLLBACK");
    await client.end();

    const { 200: changed = 0, 201: saved = 0, 503: later = 0, ...others } = await answered;
    expect(others).toEqual({});
    expect(later).toBeGreaterThan(0);
    expect(changed + saved + later).toBe(41);
    expect(await postgres.app.db.mcpServer.count()).toBe(1 + saved);
    await postgres.close();
  });
});
