import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as decideRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/route";
import {
  DELETE as deleteRoute,
  GET as readRoute,
  PATCH as renameRoute,
} from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as stopRoute } from "@/app/api/chat/conversations/[conversationId]/stop/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/chat/conversations/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { createAssistant } from "@/lib/assistants/assistant";
import type { ConversationDetail, TurnInput } from "@/lib/contracts/chat/chat";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { send } from "@/tests/support/chat-fixture";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;
let serverId: string;
let assistantId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "chat-routes-"));
  provider = await startProvider();
  files = await startPersonalFiles({ provider, dataDir });
});
afterAll(async () => {
  await Promise.all([files.close(), provider.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  const input = {
    name: "Personal Files",
    url: files.url,
    oauth: { tokenSharing: "PER_USER" as const },
  };
  serverId = await createServer(usher.app, oauthServerInput(provider, input));
  await authorize(admin, serverId, "grace");
  // The first connection reads the tools.
  await usher.settle();
  const assistant = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      name: "Guide",
      description: "",
      instructions: "",
      model: "",
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  assistantId = assistant.id;
  files.forgetRequests();
});
afterEach(() => usher.close());

const base = "/api/chat/conversations";

async function create(visitor: Visitor): Promise<ConversationDetail> {
  const response = await visitor.visit(createRoute, { path: base, json: { assistantId } });
  expect(response.status).toBe(201);
  return response.json();
}

function turn(visitor: Visitor, conversationId: string, input: TurnInput): Promise<Response> {
  return visitor.visit(turnRoute, {
    path: `${base}/${conversationId}/turn`,
    params: { conversationId },
    json: input,
  });
}

/** The events of a turn, read to its end. */
async function events(response: Response): Promise<{ type: string; [key: string]: unknown }[]> {
  expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
  const body = await response.text();
  expect(body).toMatch(/data: \[DONE\]\n\n$/);
  return body
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map((line) => JSON.parse(line.slice("data: ".length)));
}

async function read(visitor: Visitor, conversationId: string): Promise<ConversationDetail> {
  const path = `${base}/${conversationId}`;
  return (await visitor.visit(readRoute, { path, params: { conversationId } })).json();
}

function answer({ messages }: ConversationDetail): string {
  const parts = messages.at(-1)?.parts ?? [];
  return parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

describe("a member who has not connected their files", () => {
  it("is asked in the chat, consents, and reads their own file without typing the request again", async () => {
    const { id } = await create(member);
    const paused = await events(await turn(member, id, send("Read my todo.md")));
    expect(paused.map(({ type }) => type)).toContain("data-authorization-required");
    expect(paused[0]).toMatchObject({ type: "start" });
    expect(paused.at(-1)).toEqual({ type: "finish" });
    const waiting = await read(member, id);
    expect(waiting).toMatchObject({
      title: "Read my todo.md",
      running: false,
      pausedToolCalls: [
        { state: "AWAITING_AUTHORIZATION", connected: false, canAuthorize: true, readOnly: true },
      ],
    });
    expect(answer(waiting)).toContain("not a language model");
    expect(files.toolCalls).toEqual([]);

    await authorize(member, serverId, "ada");
    expect((await read(member, id)).pausedToolCalls).toMatchObject([{ connected: true }]);
    await events(await turn(member, id, { kind: "resume" }));
    const done = await read(member, id);
    const todo = await readFile("demo/files/ada/todo.md", "utf8");
    expect(answer(done)).toContain(todo.trim());
    expect(done.pausedToolCalls).toMatchObject([{ state: "DONE" }]);
    expect(files.toolCalls).toEqual(["read_file"]);
    expect(JSON.stringify(done.messages)).toContain('"actingAs":"Your account Ada Lovelace"');

    await events(await turn(member, id, send("Who am I?")));
    expect(answer(await read(member, id))).toContain("Ada");
  });

  it("is asked again before a file is written, and the file is written once", async () => {
    const { id } = await create(member);
    await events(await turn(member, id, send("Write once.md: a line")));
    await authorize(member, serverId, "ada");
    await events(await turn(member, id, { kind: "resume" }));
    const [call] = (await read(member, id)).pausedToolCalls;
    expect(call).toMatchObject({ state: "AWAITING_CONFIRMATION", readOnly: false });
    expect(files.toolCalls).toEqual([]);

    const pausedToolCallId = call?.id ?? "";
    const decide = () =>
      member.visit(decideRoute, {
        path: `${base}/${id}/paused-tool-calls/${pausedToolCallId}`,
        params: { conversationId: id, pausedToolCallId },
        json: { decision: "run" },
      });
    expect((await decide()).status).toBe(200);
    await events(await turn(member, id, { kind: "resume" }));
    expect(files.toolCalls).toEqual(["write_file"]);
    expect(answer(await read(member, id))).toMatch(/once\.md/);
    expect((await decide()).status).toBe(409);
  });
});

describe("a first message", () => {
  const first = (text: string, messageId = randomUUID(), assistant = assistantId): TurnInput => ({
    ...({ kind: "send", messageId, text } as const),
    assistantId: assistant,
  });

  it("starts its conversation in one request, under the id that the browser generated", async () => {
    const id = randomUUID();
    await events(await turn(member, id, first("hello")));
    const begun = await read(member, id);
    expect(begun).toMatchObject({ id, title: "hello", assistantId, running: false });
    expect(begun.messages).toHaveLength(2);
    await events(await turn(member, id, send("and again")));
    expect((await read(member, id)).messages).toHaveLength(4);
  });

  it("starts one conversation and gets one answer, even if it is sent twice", async () => {
    const id = randomUUID();
    const message = first("hello");
    const [one, two] = await Promise.all([turn(member, id, message), turn(member, id, message)]);
    expect([one.status, two.status].filter((status) => status === 200)).not.toEqual([]);
    await Promise.all([one.text(), two.text()]);
    await events(await turn(member, id, message));
    expect((await read(member, id)).messages).toHaveLength(2);
    const { conversations } = await (await member.visit(listRoute, { path: base })).json();
    expect(conversations).toHaveLength(1);
  });

  it("takes over no other person's conversation by its id", async () => {
    const id = randomUUID();
    await events(await turn(member, id, first("mine")));
    const other = await usher.join("MEMBER");
    const refused = await turn(other, id, first("also mine"));
    expect(refused.status).toBe(404);
    expect((await read(member, id)).messages).toHaveLength(2);
    const { conversations } = await (await other.visit(listRoute, { path: base })).json();
    expect(conversations).toEqual([]);
  });

  it("starts nothing without an existing assistant, or under an id that is not a UUID", async () => {
    const unknown = await turn(member, randomUUID(), first("hello", randomUUID(), "gone"));
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toMatchObject({
      error: { fields: { assistantId: expect.stringContaining("no such assistant") } },
    });
    for (const id of ["new", "../../x", "__proto__", "1".repeat(36)]) {
      expect((await turn(member, id, first("hello"))).status, id).toBe(404);
    }
    expect((await turn(member, randomUUID(), send("hello"))).status).toBe(404);
    const { conversations } = await (await member.visit(listRoute, { path: base })).json();
    expect(conversations).toEqual([]);
  });
});

describe("a conversation", () => {
  it("is listed, renamed and deleted by its owner", async () => {
    const { id } = await create(member);
    const older = await create(member);
    await events(await turn(member, id, send("hello")));
    const listed = await (await member.visit(listRoute, { path: base })).json();
    expect(listed.conversations).toMatchObject([
      { id, title: "hello", assistantId, assistantName: "Guide" },
      { id: older.id, title: "New conversation" },
    ]);

    const one = { path: `${base}/${id}`, params: { conversationId: id } };
    const renamed = await member.visit(renameRoute, {
      ...one,
      method: "PATCH",
      json: { title: " Greetings " },
    });
    expect(await renamed.json()).toMatchObject({ id, title: "Greetings" });
    const nameless = await member.visit(renameRoute, {
      ...one,
      method: "PATCH",
      json: { title: " " },
    });
    expect(nameless.status).toBe(400);
    expect(await nameless.json()).toMatchObject({ error: { fields: { title: "Enter a title." } } });

    expect((await member.visit(deleteRoute, { ...one, method: "DELETE" })).status).toBe(204);
    expect((await member.visit(readRoute, one)).status).toBe(404);
  });

  it("of another person does not exist, not even for an admin", async () => {
    const { id } = await create(member);
    await events(await turn(member, id, send("Read my todo.md")));
    const [call] = (await read(member, id)).pausedToolCalls;
    const pausedToolCallId = call?.id ?? "";
    const at = (path: string, json?: unknown) => ({
      path: `${base}/${id}${path}`,
      params: { conversationId: id, pausedToolCallId },
      ...(json === undefined ? {} : { json }),
    });
    const answers = await Promise.all([
      admin.visit(readRoute, at("")),
      admin.visit(renameRoute, { ...at("", { title: "Mine" }), method: "PATCH" }),
      admin.visit(deleteRoute, { ...at(""), method: "DELETE" }),
      admin.visit(turnRoute, at("/turn", send("hi"))),
      admin.visit(turnRoute, at("/turn", { kind: "resume" })),
      admin.visit(turnRoute, at("/turn", { kind: "retry" })),
      admin.visit(stopRoute, { ...at("/stop"), method: "POST" }),
      admin.visit(decideRoute, at("/paused-tool-calls/x", { decision: "run" })),
      admin.visit(decideRoute, at("/paused-tool-calls/x", { decision: "skip" })),
    ]);
    const missing = { path: `${base}/none`, params: { conversationId: "none" } };
    const errorOf = async (response: Response) => {
      const { requestId: _, ...error } = (await response.json()).error;
      return error;
    };
    const words = await errorOf(await admin.visit(readRoute, missing));
    for (const response of answers) {
      expect(response.status).toBe(404);
      expect(await errorOf(response)).toEqual(words);
    }
    expect((await (await admin.visit(listRoute, { path: base })).json()).conversations).toEqual([]);
    const untouched = await read(member, id);
    expect(untouched.pausedToolCalls).toMatchObject([{ state: "AWAITING_AUTHORIZATION" }]);
    expect(untouched.messages).toHaveLength(2);
  });

  it("refuses an invalid turn, naming what is wrong", async () => {
    const { id } = await create(member);
    const empty = await turn(member, id, { kind: "send", messageId: "m", text: " " });
    expect(empty.status).toBe(400);
    expect(await empty.json()).toMatchObject({
      error: { fields: { text: "Write a message first." } },
    });
    expect((await turn(member, id, { kind: "jump" } as never)).status).toBe(400);
    const nothing = await turn(member, id, { kind: "retry" });
    expect(nothing.status).toBe(409);
    expect((await nothing.json()).error.message).toContain("There is nothing to retry");
  });

  it("needs an existing assistant", async () => {
    const json = { assistantId: "none" };
    const response = await member.visit(createRoute, { path: base, json });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { fields: { assistantId: "There is no such assistant. Choose another one." } },
    });
    const { id } = await create(member);
    await usher.app.db.assistant.delete({ where: { id: assistantId } });
    const orphan = await turn(member, id, send("hello"));
    expect(orphan.status).toBe(409);
    expect((await orphan.json()).error.message).toContain("was deleted, or you no longer have");
  });
});
