import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PUT as changeRoute, GET as viewRoute } from "@/app/api/get-started/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createAssistant } from "@/lib/assistants/assistant";
import type { GetStartedView } from "@/lib/contracts/get-started";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const path = "/api/get-started";
const day = 24 * 60 * 60_000;

let clock: Clock;
let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  clock = new Clock();
  provider = await startProvider();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await provider.close();
});

async function look(visitor = admin): Promise<GetStartedView> {
  const response = await visitor.visit(viewRoute, { path });
  expect(response.status).toBe(200);
  const view: GetStartedView = await response.json();
  await usher.settle();
  return view;
}

async function states(visitor = admin): Promise<Record<string, string>> {
  const { steps } = await look(visitor);
  return Object.fromEntries(steps.map(({ step, state }) => [step, state]));
}

const change = (json: unknown, visitor = admin) =>
  visitor.visit(changeRoute, { path, method: "PUT", json });

async function addModel(): Promise<void> {
  const { db } = usher.app;
  const provider = { kind: "openai-compatible", name: "own", baseUrl: "http://127.0.0.1:9/v1" };
  await db.modelProvider.create({ data: provider });
  await db.offeredModel.create({ data: { name: "own/small", label: "Small", isDefault: true } });
}

async function addServer(name = "Wiki"): Promise<string> {
  return createServer(usher.app, oauthServerInput(provider, { name }));
}

/** An admin authorizes it, and its tools are read. */
async function connect(serverId: string): Promise<void> {
  await authorize(admin, serverId);
  const read = { serverVersion: 1, fetchedAt: clock.now(), tools: [tool] };
  await usher.app.db.toolCatalogue.upsert({
    ...{ where: { serverId }, update: read, create: { serverId, ...read } },
  });
}
const tool = { name: "read", title: null, description: "", inputSchema: {}, annotations: {} };

function addAssistant(...serverIds: string[]) {
  return createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "", instructions: "", model: "" },
      servers: serverIds.map((serverId) => ({ serverId, allTools: true, toolNames: [] })),
    },
  );
}

describe("the first steps of an installation", () => {
  it("are derived from its data, one after the other", async () => {
    expect(await look()).toMatchObject({ doneCount: 0, next: "model", reason: "open" });

    await addModel();
    expect(await states()).toMatchObject({ model: "ready", server: "missing" });

    const serverId = await addServer();
    expect(await states()).toMatchObject({ server: "no_account" });
    await connect(serverId);
    expect(await states()).toMatchObject({ server: "ready", assistant: "missing" });

    await addAssistant(serverId);
    expect(await states()).toMatchObject({ assistant: "ready", people: "missing" });

    await usher.join("MEMBER");
    expect(await look()).toMatchObject({ doneCount: 4, shown: false, reason: "finished" });
  });

  it("count a model from the environment", async () => {
    const own = await startInstallation({ env: { ANTHROPIC_API_KEY: "sk-ant-0123456789" } });
    try {
      const response = await (await own.join("ADMIN")).visit(viewRoute, { path });
      const { steps }: GetStartedView = await response.json();
      expect(steps[0]).toMatchObject({ state: "ready", subject: { name: expect.any(String) } });
    } finally {
      await own.close();
    }
  });

  it("ignore a model whose provider is turned off, and a provider without a model", async () => {
    await addModel();
    await usher.app.db.modelProvider.updateMany({ data: { enabled: false } });
    expect(await states()).toMatchObject({ model: "missing" });
    await usher.app.db.modelProvider.updateMany({ data: { enabled: true } });
    await usher.app.db.offeredModel.deleteMany();
    expect(await states()).toMatchObject({ model: "not_offered" });
  });

  it("are about the server closest to ready, of many", async () => {
    for (const name of ["First", "Second", "Third"]) await addServer(name);
    const connected = await addServer("Fourth");
    await connect(connected);
    const { steps } = await look();
    expect(steps[1]).toMatchObject({ done: true, subject: { id: connected, name: "Fourth" } });
  });

  it("ignore a server that is switched off, and an assistant without a server", async () => {
    const serverId = await addServer();
    await connect(serverId);
    await usher.app.db.mcpServer.updateMany({ data: { switchedOffAt: clock.now() } });
    await addAssistant();
    expect(await states()).toMatchObject({ server: "switched_off", assistant: "no_server" });
  });

  it("count an invitation until it ends, and ignore disabled people", async () => {
    const invitation = { email: "new@example.com", role: "MEMBER" };
    await admin.visit(inviteRoute, { path: "/api/people/invitations", json: invitation });
    expect(await states()).toMatchObject({ people: "invited" });
    clock.advance(8 * day);
    expect(await states()).toMatchObject({ people: "missing" });
    const member = await usher.join("MEMBER");
    expect(await states()).toMatchObject({ people: "joined" });
    const disabled = { disabledAt: clock.now() };
    await usher.app.db.user.update({ where: { id: member.user.id }, data: disabled });
    expect(await states()).toMatchObject({ people: "missing" });
  });

  it("never reveal a provider's key", async () => {
    await addModel();
    const apiKeySealed = "v1.key.salt.nonce.box";
    await usher.app.db.modelProvider.updateMany({ data: { apiKeySealed } });
    expect(JSON.stringify(await look())).not.toContain("v1.");
  });
});

describe("an admin who dismisses them", () => {
  it("no longer sees them, and can restore them, while other admins still see them", async () => {
    const other = await usher.join("ADMIN");
    expect(await (await change({ dismissed: true })).json()).toMatchObject({ shown: false });
    expect(await look()).toMatchObject({ shown: false, reason: "dismissed" });
    expect(await look(other)).toMatchObject({ shown: true });
    expect(await (await change({ dismissed: false })).json()).toMatchObject({ shown: true });
    expect(await look()).toMatchObject({ shown: true, reason: "open" });
  });

  it("is told what is wrong with an invalid request", async () => {
    const response = await change({ dismissed: "yes" });
    expect(response.status).toBe(400);
    expect((await response.json()).error.fields).toHaveProperty("dismissed");
  });
});

it("steps that an admin saw finished stay hidden when something is deleted later", async () => {
  await addModel();
  const serverId = await addServer();
  await connect(serverId);
  await addAssistant(serverId);
  await usher.join("MEMBER");
  expect(await look()).toMatchObject({ reason: "finished" });
  await usher.app.db.assistant.deleteMany();
  expect(await look()).toMatchObject({ doneCount: 3, shown: false, reason: "dismissed" });
});

it("a member is refused, and can dismiss nothing", async () => {
  const member = await usher.join("MEMBER");
  expect((await member.visit(viewRoute, { path })).status).toBe(403);
  expect((await change({ dismissed: true }, member)).status).toBe(403);
  const { id } = member.user;
  expect(await usher.app.db.user.findUnique({ where: { id } })).toMatchObject({
    getStartedDismissedAt: null,
  });
});

it("another site cannot dismiss them", async () => {
  const headers = { origin: "https://attacker.example" };
  const request = { path, method: "PUT", json: { dismissed: true }, headers };
  expect((await admin.visit(changeRoute, request)).status).toBe(403);
  expect(await look()).toMatchObject({ shown: true });
});
