import { afterEach, beforeEach, expect, it } from "vitest";
import { PUT as assistantRoute } from "@/app/api/assistants/[assistantId]/route";
import { PUT as switchRoute } from "@/app/api/mcp-servers/[serverId]/switch/route";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import {
  POST as acceptRoute,
  GET as reviewsRoute,
} from "@/app/api/mcp-servers/[serverId]/tool-reviews/route";
import { GET as noticesRoute } from "@/app/api/notices/route";
import { createAssistant } from "@/lib/assistants/assistant";
import type { OpenNotice } from "@/lib/contracts/notices/open-notice";
import type { ServerToolReviews } from "@/lib/contracts/servers/tool-policy";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { createServer } from "@/lib/servers/save";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type ObservedMcpServer, startPlainMcpServer } from "@/tests/support/mcp-servers";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

/** What the server says about each tool from now on, by name. */
let listed: Record<string, string>;
let mail: ObservedMcpServer;
let usher: Installation;
let admin: Visitor;
let serverId: string;
let assistantId: string;

beforeEach(async () => {
  listed = { read: "Reads mail.", send: "Sends mail." };
  mail = await startPlainMcpServer({
    tools: (server) => {
      for (const [name, description] of Object.entries(listed)) {
        server.registerTool(name, { description }, () => ({ content: [] }));
      }
    },
  });
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  serverId = await createServer(usher.app, serverInput({ name: "Mail", url: mail.url }));
  await readTools();
  ({ id: assistantId } = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    { ...guide, servers: [{ serverId, allTools: true, toolNames: [] }] },
  ));
});
afterEach(async () => {
  await usher.close();
  await mail.close();
});

const guide = { name: "Guide", description: "", instructions: "", model: "" };

async function readTools(): Promise<void> {
  const path = `/api/mcp-servers/${serverId}/test`;
  await (await admin.visit(testRoute, { path, params: { serverId }, method: "POST" })).text();
  await usher.settle();
}

async function noticesOf(visitor: Visitor): Promise<OpenNotice[]> {
  return (await (await visitor.visit(noticesRoute, { path: "/api/notices" })).json()).notices;
}

const openKinds = async () =>
  (await usher.app.db.notice.findMany({ where: { closedAt: null } })).map(({ kind }) => kind);

async function changeTools(tools: Record<string, string>): Promise<void> {
  listed = tools;
  await readTools();
  await reconcileNotices(usher.app);
}

const path = () => `/api/mcp-servers/${serverId}/tool-reviews`;

async function reviews(): Promise<ServerToolReviews["reviews"]> {
  const answer = await admin.visit(reviewsRoute, { path: path(), params: { serverId } });
  return ((await answer.json()) as ServerToolReviews).reviews;
}

it("notifies only admins that a server changed a tool, until one accepts it", async () => {
  const member = await usher.join("MEMBER");
  await changeTools({ ...listed });
  expect(await noticesOf(admin)).toEqual([]);
  await changeTools({ ...listed, send: "Sends mail to everybody." });
  expect(await noticesOf(admin)).toMatchObject([
    { kind: "tools_to_review", serverId, serverName: "Mail" },
  ]);
  expect(await noticesOf(member)).toEqual([]);
  expect(await openKinds()).toEqual(["tools_to_review"]);

  const tools = (await reviews()).map(({ toolName, fingerprint }) => ({ toolName, fingerprint }));
  expect(tools).toMatchObject([{ toolName: "send" }]);
  const accepting = { path: path(), params: { serverId }, json: { tools } };
  expect((await admin.visit(acceptRoute, accepting)).status).toBe(200);
  expect(await noticesOf(admin)).toEqual([]);
  await usher.settle();
  expect(await openKinds()).toEqual([]);
});

it("reports an added tool, but not one that no assistant offers", async () => {
  await changeTools({ ...listed, forward: "Forwards mail." });
  expect(await noticesOf(admin)).toHaveLength(1);
  const choose = (toolNames: string[], toolPolicies = {}) =>
    admin.visit(assistantRoute, {
      ...{ path: `/api/assistants/${assistantId}`, params: { assistantId }, method: "PUT" },
      json: { ...guide, servers: [{ serverId, allTools: false, toolNames, toolPolicies }] },
    });
  expect((await choose(["read", "send"])).status).toBe(200);
  expect(await reviews()).toEqual([]);
  expect(await noticesOf(admin)).toEqual([]);
  expect((await choose(["read", "forward"])).status).toBe(200);
  await reconcileNotices(usher.app);
  expect(await reviews()).toHaveLength(1);
  expect(await noticesOf(admin)).toHaveLength(1);
  expect((await choose(["read", "forward"], { forward: "NEVER" })).status).toBe(200);
  expect(await reviews()).toEqual([]);
  expect(await noticesOf(admin)).toEqual([]);
});

it("disappears while the server is switched off", async () => {
  await changeTools({ read: "Reads all mail." });
  expect(await noticesOf(admin)).toHaveLength(1);
  await admin.visit(switchRoute, {
    ...{ path: `/api/mcp-servers/${serverId}/switch`, params: { serverId }, method: "PUT" },
    json: { on: false },
  });
  expect(await noticesOf(admin)).toEqual([]);
});
