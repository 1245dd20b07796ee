import { afterEach, describe, expect, it } from "vitest";
import { GET as detailRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import { GET as formContextRoute } from "@/app/api/mcp-servers/form-context/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { createApp } from "@/lib/app";
import { boot } from "@/lib/boot";
import { callTool } from "@/lib/calls/call-tool";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { readEnv } from "@/lib/env";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";

let usher: Installation;
afterEach(() => usher.close());

/** A server saved while stdio worked, in an installation that then sets `after`. */
async function stdioServerThen(after: Record<string, string>) {
  usher = await startInstallation({ env: { STDIO_SERVERS: "trusted" } });
  const admin = await usher.join("ADMIN");
  const json = serverInput({ name: "Calculator", transport: "STDIO", command: "node" });
  const created = await admin.visit(createRoute, {
    path: "/api/mcp-servers",
    method: "POST",
    json,
  });
  const { id: serverId } = (await created.json()) as McpServerDetail;
  const { STDIO_SERVERS: _, ...env } = usher.env;
  const changed = createApp(readEnv({ ...env, ...after }));
  Object.assign(usher.app, {
    env: changed.env,
    stdio: changed.stdio,
    rules: changed.rules,
    mcp: changed.mcp,
  });
  await changed.db.$disconnect();
  return { admin, serverId };
}

describe("an installation with stdio servers and without STDIO_SERVERS", () => {
  it("starts, and names the servers and the variable in its log", async () => {
    await stdioServerThen({});
    const said: unknown[][] = [];
    const log = { ...usher.app.log, warn: (...words: unknown[]) => said.push(words) };

    await boot({ ...usher.app, log } as typeof usher.app);

    expect(said).toEqual([
      [{ servers: ["Calculator"] }, expect.stringContaining("STDIO_SERVERS is not set")],
    ]);
  });

  it("starts with plain statements: Prisma's query compiler accounts for half of a start", async () => {
    await stdioServerThen({});
    const { $statement } = usher.app.db;
    const byPrisma: PropertyKey[] = [];
    const db = new Proxy({ $statement } as typeof usher.app.db, {
      get(own, name) {
        if (name !== "$statement") byPrisma.push(name);
        return Reflect.get(name === "$statement" ? own : usher.app.db, name);
      },
    });

    await boot({ ...usher.app, db } as typeof usher.app);

    expect(byPrisma).toEqual([]);
  });

  it("shows it on the server's page, in its test, at a call and in the form", async () => {
    const { admin, serverId } = await stdioServerThen({});
    const where = { path: `/api/mcp-servers/${serverId}`, params: { serverId } };

    const detail = await (await admin.visit(detailRoute, where)).json();
    expect(detail).toMatchObject({
      stdioMode: "off",
      stdioUnavailable: expect.stringContaining("STDIO_SERVERS"),
    });
    const tested = await admin.visit(testRoute, { ...where, method: "POST" });
    expect(await tested.text()).toContain("the operator sets STDIO_SERVERS");
    const user = admin.user;
    const { signal } = new AbortController();
    await expect(
      callTool(usher.app, { serverId, toolName: "add", input: {}, user, signal }),
    ).rejects.toMatchObject({ userMessage: expect.stringContaining("STDIO_SERVERS") });
    const form = await admin.visit(formContextRoute, { path: "/api/mcp-servers/form-context" });
    expect(await form.json()).toMatchObject({
      stdioMode: "off",
      stdioUnavailable: expect.stringContaining("STDIO_SERVERS"),
    });
  });

  it("shows nothing if the operator chose off", async () => {
    await stdioServerThen({ STDIO_SERVERS: "off" });
    const said: unknown[][] = [];
    const log = { ...usher.app.log, warn: (...words: unknown[]) => said.push(words) };

    await boot({ ...usher.app, log } as typeof usher.app);

    expect(said).toEqual([]);
  });
});

describe("an installation that requires a sandbox that the machine does not have", () => {
  it.each([
    ["names no such user", { STDIO_USER: "no-such-user" }, "STDIO_USER names a user"],
    ["names root", { STDIO_USER: "root" }, "STDIO_USER is root"],
  ])("does not start if it %s", async (_, env, problem) => {
    await stdioServerThen({ STDIO_SERVERS: "sandbox", ...env });

    await expect(boot(usher.app)).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining(problem),
    });
  });
});

it("keeps stdio off on Vercel, with its own message", async () => {
  usher = await startInstallation({ env: { VERCEL: "1", STDIO_SERVERS: "trusted" } });
  const admin = await usher.join("ADMIN");

  const form = await admin.visit(formContextRoute, { path: "/api/mcp-servers/form-context" });

  expect(await form.json()).toMatchObject({
    stdioMode: "off",
    stdioUnavailable: expect.stringContaining("which Vercel does not offer"),
  });
});
