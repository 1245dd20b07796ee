import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { PUT as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles, startTeamHandbook } from "@/demo/practice-files";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { authorize } from "@/tests/support/authorize";
import { startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import { type AlwaysAllowStage, startAlwaysAllowStage } from "./stage";

let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let handbook: PracticeMcpServer;
/** The same tools at another address. */
let copy: PracticeMcpServer;
let stage: AlwaysAllowStage;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "always-allow-"));
  provider = await startProvider();
  files = await startPersonalFiles({ provider, dataDir });
  copy = await startPersonalFiles({ provider, dataDir });
  handbook = await startTeamHandbook({ provider, dataDir });
});
afterAll(async () => {
  await Promise.all([files.close(), copy.close(), handbook.close(), provider.close()]);
  await rm(dataDir, { recursive: true, force: true });
});
afterEach(() => stage.close());

const inputOf = (url: string, tokenSharing: "PER_USER" | "SHARED"): McpServerInput =>
  oauthServerInput(provider, { name: "Files", url, oauth: { tokenSharing } });
const tool = { name: "files__write_file", arguments: { path: "list.md", content: "milk" } };
const writes = ({ toolCalls }: PracticeMcpServer) =>
  toolCalls.filter((name) => name === "write_file").length;

/** An assistant whose destructive tools may be always allowed; the member is connected and did so. */
async function start(server: PracticeMcpServer, tokenSharing: "PER_USER" | "SHARED") {
  stage = await startAlwaysAllowStage({ input: inputOf(server.url, tokenSharing), tool });
  const { admin, member, serverId } = stage;
  await authorize(admin, serverId, "ada");
  if (tokenSharing === "PER_USER") await authorize(member, serverId, "ada");
  await stage.usher.settle();
  await stage.readTools();
  const before = writes(server);
  await stage.save({ alwaysAllow: "ALL" });
  await stage.allow(member);
  await stage.ask(member);
  const made = () => writes(server) - before;
  expect(made()).toBe(2);
  return { ...stage, made };
}

it("the same account after another consent keeps it, and a different account ends it", async () => {
  const { member, serverId, usher, made } = await start(files, "PER_USER");
  await authorize(member, serverId, "ada");
  await usher.settle();
  await stage.ask(member);
  expect(made()).toBe(3);

  await authorize(member, serverId, "grace");
  await usher.settle();
  expect(await stage.list(member)).toMatchObject([{ asks: { reason: "account_changed" } }]);
  const waiting = await stage.waiting(member, await stage.ask(member));
  expect(waiting).toMatchObject({ asks: "changes_data", state: "AWAITING_CONFIRMATION" });
  expect(waiting.alwaysAllow?.ended).toBe("account_changed");
  await authorize(member, serverId, "ada");
  await usher.settle();
  await stage.waiting(member, await stage.ask(member));
  expect(made()).toBe(3);
  expect(await stage.audited("tool.end-always-allow")).toMatchObject([
    { details: { tool: "write_file", reason: "account_changed" } },
  ]);
});

it("an account that its provider does not name counts as a different one after each consent", async () => {
  const { member, serverId, usher, made } = await start(files, "PER_USER");
  const nameless = () =>
    usher.app.db.storedTokenSet.updateMany({ data: { accountName: null, accountSource: null } });
  await nameless();
  await stage.ask(member);
  expect(made()).toBe(3);
  await authorize(member, serverId, "ada");
  await usher.settle();
  await nameless();
  await stage.waiting(member, await stage.ask(member));
  expect(made()).toBe(3);
});

it("a call that finds a missing consent asks once the account is connected", async () => {
  const { member, serverId, usher, made } = await start(files, "PER_USER");
  await usher.app.db.storedTokenSet.deleteMany({ where: { userId: member.user.id } });
  usher.app.forget(serverId, member.user.id);
  const id = await stage.ask(member);
  expect((await stage.waiting(member, id)).state).toBe("AWAITING_AUTHORIZATION");
  await authorize(member, serverId, "grace");
  await usher.settle();
  await stage.turn(member, id, { kind: "resume" });
  expect((await stage.waiting(member, id)).state).toBe("AWAITING_CONFIRMATION");
  expect(made()).toBe(2);
});

it("a different shared account ends it for everyone", async () => {
  const { admin, member, serverId, usher, made } = await start(handbook, "SHARED");
  await authorize(admin, serverId, "grace");
  await usher.settle();
  await stage.waiting(member, await stage.ask(member));
  expect(made()).toBe(2);
});

it.each([
  ["the server's URL", () => inputOf(copy.url, "PER_USER")],
  ["whose account is used", () => inputOf(files.url, "SHARED")],
])("a change of %s ends it", async (_, input) => {
  const { admin, member, serverId, usher } = await start(files, "PER_USER");
  const row = await usher.app.db.mcpServer.findUniqueOrThrow({ where: { id: serverId } });
  const changed = await admin.visit(serverRoute, {
    ...{ path: `/api/mcp-servers/${serverId}`, method: "PUT", params: { serverId } },
    json: { ...input(), version: row.version },
  });
  expect(changed.status).toBe(200);
  const shared = input().oauth?.tokenSharing === "SHARED";
  await authorize(shared ? admin : member, serverId, "ada");
  await usher.settle();
  const made = writes(files) + writes(copy);
  const waiting = await stage.waiting(member, await stage.ask(member));
  expect(waiting).toMatchObject({ asks: "changes_data", state: "AWAITING_CONFIRMATION" });
  expect(waiting.alwaysAllow?.ended).toBe("account_changed");
  expect(writes(files) + writes(copy)).toBe(made);
});
