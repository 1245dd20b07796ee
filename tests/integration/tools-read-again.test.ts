import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as toolsRoute } from "@/app/api/mcp-servers/[serverId]/tools/route";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { createServer } from "@/lib/servers/save";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type ObservedMcpServer, startPlainMcpServer } from "@/tests/support/mcp-servers";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let plain: ObservedMcpServer;
let serverId: string;

beforeEach(async () => {
  clock = new Clock();
  plain = await startPlainMcpServer();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  serverId = await createServer(usher.app, serverInput({ url: plain.url }));
});
afterEach(async () => {
  await usher.close();
  await plain.close();
});

async function visit(route: Parameters<Visitor["visit"]>[0], method: string, path = "") {
  const response = await admin.visit(route, {
    path: `/api/mcp-servers/${serverId}${path}`,
    method,
    params: { serverId },
  });
  expect(response.status).toBe(200);
  return (await response.json()) as McpServerDetail;
}
const detail = () => visit(detailRoute, "GET");
const readTools = () => visit(toolsRoute, "POST", "/tools");
const timesListed = () => plain.requests.filter((one) => one.rpcMethod === "tools/list").length;

describe("the tools of a server whose page opens", () => {
  it("are read once, however many pages ask at the same time", async () => {
    const before = await detail();
    expect(before).toMatchObject({ toolCount: null, toolsDue: expect.any(String) });
    const [first, second] = await Promise.all([readTools(), readTools()]);
    expect(first.toolCount).toBeGreaterThan(0);
    expect(second.catalogue).toEqual(first.catalogue);
    expect(first.toolsDue).toBeNull();
    expect(timesListed()).toBe(1);
    await readTools();
    expect(timesListed()).toBe(1);
  });

  it("are read again once they have aged", async () => {
    await readTools();
    clock.advance(25 * 60 * minute);
    expect(await detail()).toMatchObject({ toolsDue: expect.any(String) });
    const again = await readTools();
    expect(again.catalogue?.fetchedAt).toBe(clock.now().toISOString());
    expect(timesListed()).toBe(2);
  });

  it("stay, with the reason, if they cannot be read again; and the server is then left alone", async () => {
    const { toolCount } = await readTools();
    clock.advance(25 * 60 * minute);
    await plain.close();
    const failed = await readTools();
    expect(failed).toMatchObject({ toolCount, toolsDue: null });
    expect(failed.catalogue).toMatchObject({
      lastError: expect.stringMatching(/\w+ \w+/),
      lastErrorAt: clock.now().toISOString(),
    });
    clock.advance(11 * minute);
    expect((await detail()).toolsDue).not.toBeNull();
  });

  it("are read the next time if neither they nor the reason could be saved", async () => {
    const { db } = usher.app;
    await db.$executeRawUnsafe(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no room'; END $$`);
    await db.$executeRawUnsafe(
      `CREATE TRIGGER refuse BEFORE INSERT ON "ToolCatalogue" EXECUTE FUNCTION refuse()`,
    );
    expect(await readTools()).toMatchObject({ toolCount: null, toolsDue: expect.any(String) });
    await db.$executeRawUnsafe(`DROP TRIGGER refuse ON "ToolCatalogue"`);
    expect((await readTools()).toolCount).toBeGreaterThan(0);
  });

  it("are due once for each state, even with a failing configuration", async () => {
    await readTools();
    await usher.app.db.mcpServer.update({
      where: { id: serverId },
      data: { version: { increment: 1 }, updatedAt: clock.now() },
    });
    expect((await detail()).catalogue?.fromEarlierSettings).toBe(true);
    await plain.close();
    clock.advance(1000);
    expect((await detail()).toolsDue).not.toBeNull();
    expect((await readTools()).toolsDue).toBeNull();
    expect((await detail()).toolsDue).toBeNull();
  });

  it("are not read for a server whose account no one connected", async () => {
    const input = serverInput({ url: plain.url, authentication: "OAUTH" });
    serverId = await createServer(usher.app, {
      ...input,
      ...{ name: "Wants an account" },
      oauth: {
        ...input.oauth,
        ...{
          clientId: "usher",
          clientSecret: "a secret",
          authorizationEndpoint: "http://127.0.0.1:9/authorize",
        },
        tokenEndpoint: "http://127.0.0.1:9/token",
      },
    });
    expect((await detail()).toolsDue).toBeNull();
  });
});
