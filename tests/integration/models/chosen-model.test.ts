import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PUT as changeAssistantRoute } from "@/app/api/assistants/[assistantId]/route";
import { POST as assistantsRoute } from "@/app/api/assistants/route";
import { GET as chatAssistantsRoute } from "@/app/api/chat/assistants/route";
import { GET as readRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { createApp } from "@/lib/app";
import { addProvider } from "@/lib/chat/model/providers/save-provider";
import type { AssistantInput } from "@/lib/contracts/assistant";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";
import { readEnv } from "@/lib/env";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import type { Visitor } from "@/tests/support/visitor";

const conversations = "/api/chat/conversations";
let model: OpenAiServer;
let usher: Installation;
let admin: Visitor;
let member: Visitor;

beforeAll(async () => {
  model = await startOpenAiServer(() => [{ type: "text", deltas: ["Hello."] }]);
});
afterAll(() => model.close());
beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  member = await usher.join("MEMBER");
  await addProvider(usher.app, admin.actor, {
    ...{ kind: "openai-compatible", name: "own", baseUrl: model.url, apiKey: "sk-own" },
  });
  await usher.app.db.offeredModel.createMany({
    data: [
      { name: "own/usual", isDefault: true },
      { name: "own/large", label: "Large" },
      { name: "own/secret", audience: "ADMINS" },
    ],
  });
});
afterEach(() => usher.close());

async function assistant(change: Partial<AssistantInput> = {}): Promise<string> {
  const json = {
    ...{ name: `Guide ${randomUUID()}`, description: "", instructions: "", model: "", servers: [] },
    ...change,
  };
  const saved = await admin.visit(assistantsRoute, { path: "/api/assistants", json });
  expect(saved.status).toBe(201);
  return (await saved.json()).id;
}

async function turn(who: Visitor, conversationId: string, json: object): Promise<number> {
  const path = `${conversations}/${conversationId}/turn`;
  const messageId = randomUUID();
  const response = await who.visit(turnRoute, {
    ...{ path, params: { conversationId } },
    json: { kind: "send", messageId, text: "Hi", ...json },
  });
  await response.text();
  return response.status;
}

/** The model that answered the last turn. */
const asked = () => model.requests.at(-1)?.body.model;

async function read(who: Visitor, conversationId: string): Promise<ConversationDetail> {
  const path = `${conversations}/${conversationId}`;
  return (await who.visit(readRoute, { path, params: { conversationId } })).json();
}

function notices({ messages }: ConversationDetail): string[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "data-turn-notice" ? part.data.message : [])),
  );
}

async function offeredTo(who: Visitor, id: string): Promise<ChatAssistant> {
  const response = await who.visit(chatAssistantsRoute, { path: "/api/chat/assistants" });
  const { assistants } = await response.json();
  return assistants.find((each: ChatAssistant) => each.id === id);
}

describe("a person who may choose a model", () => {
  it("sees the models offered to them, and the conversation remembers their choice", async () => {
    const assistantId = await assistant({ modelsToChoose: "offered" });
    expect(await offeredTo(member, assistantId)).toMatchObject({
      model: { name: "own/usual", label: "own/usual" },
      models: [
        { name: "own/large", label: "Large" },
        { name: "own/usual", label: "own/usual" },
      ],
    });
    expect((await offeredTo(admin, assistantId)).models).toHaveLength(3);
    const id = randomUUID();
    await turn(member, id, { assistantId, model: "own/large" });
    expect(asked()).toBe("large");
    expect((await read(member, id)).model).toBe("own/large");
    await turn(member, id, {});
    expect(asked()).toBe("large");
    await turn(member, id, { kind: "retry", model: null });
    expect(asked()).toBe("usual");
    expect((await read(member, id)).model).toBeNull();
    expect(notices(await read(member, id))).toEqual([]);
  });

  it("chooses from the assistant's own list if it has one", async () => {
    const assistantId = await assistant({ modelsToChoose: ["own/large", "own/secret"] });
    const names = (await offeredTo(member, assistantId)).models.map(({ name }) => name);
    expect(names).toEqual(["own/large"]);
  });

  it.each([
    ["for admins only", { modelsToChoose: "offered" }, "own/secret"],
    ["that the assistant does not allow", { modelsToChoose: ["own/usual"] }, "own/large"],
    ["where the assistant lets nobody choose", { modelsToChoose: "none" }, "own/large"],
    ["that is not offered", { modelsToChoose: "offered" }, "own/none"],
    ["with an invalid name", { modelsToChoose: "offered" }, "../../etc"],
  ] as const)(
    "cannot send a model %s: the default answers, with a note",
    async (_, given, wanted) => {
      const modelsToChoose =
        typeof given.modelsToChoose === "string" ? given.modelsToChoose : [...given.modelsToChoose];
      const assistantId = await assistant({ modelsToChoose });
      const id = randomUUID();
      expect(await turn(member, id, { assistantId, model: wanted })).toBe(200);
      expect(asked()).toBe("usual");
      const detail = await read(member, id);
      expect(detail.model).toBeNull();
      expect(notices(detail)).toEqual([expect.stringMatching(/own\/usual answers instead\.$/)]);
    },
  );

  it("sees no note if the chosen model has become the assistant's", async () => {
    const assistantId = await assistant({ modelsToChoose: "offered" });
    const id = randomUUID();
    await turn(member, id, { assistantId, model: "own/large" });
    await usher.app.db.assistant.update({
      where: { id: assistantId },
      data: { model: "own/large", letsPeopleChoose: false },
    });
    await turn(member, id, {});
    expect(asked()).toBe("large");
    expect(notices(await read(member, id))).toEqual([]);
  });

  it("continues with the default if the model is removed while the conversation is open", async () => {
    const assistantId = await assistant({ modelsToChoose: "offered" });
    const id = randomUUID();
    await turn(member, id, { assistantId, model: "own/large" });
    await usher.app.db.offeredModel.delete({ where: { name: "own/large" } });
    expect(await turn(member, id, {})).toBe(200);
    expect(asked()).toBe("usual");
    expect(notices(await read(member, id))).toEqual([
      "You cannot use own/large here any more. own/usual answers instead.",
    ]);
    await turn(member, id, {});
    expect(notices(await read(member, id))).toHaveLength(1);
  });
});

describe("an assistant's model", () => {
  it("for admins only answers admins; members get the default, and are told once", async () => {
    const assistantId = await assistant({ model: "own/secret" });
    const [own, others] = [randomUUID(), randomUUID()];
    await turn(admin, own, { assistantId });
    expect(asked()).toBe("secret");
    await turn(member, others, { assistantId });
    await turn(member, others, {});
    expect(asked()).toBe("usual");
    expect(notices(await read(member, others))).toEqual([
      "This assistant’s model is for admins only. own/usual answers instead.",
    ]);
    expect((await offeredTo(member, assistantId)).model.name).toBe("own/usual");
  });

  it("cannot come from a saved provider without being offered", async () => {
    const json = {
      ...{ name: "Guide", description: "", instructions: "", servers: [] },
      model: "own/none",
    };
    const refused = await admin.visit(assistantsRoute, { path: "/api/assistants", json });
    expect((await refused.json()).error.fields.model).toMatch(/own\/none is not offered/);
  });

  it("keeps what people may choose if a change leaves it out", async () => {
    const assistantId = await assistant({ modelsToChoose: ["own/large"] });
    const json = { name: "New", description: "", instructions: "", model: "", servers: [] };
    const changed = await admin.visit(changeAssistantRoute, {
      ...{ path: `/api/assistants/${assistantId}`, params: { assistantId }, method: "PUT", json },
    });
    expect(await changed.json()).toMatchObject({ name: "New", modelsToChoose: ["own/large"] });
  });
});

describe("another replica", () => {
  it("answers its next turn with the changes made here", async () => {
    const assistantId = await assistant();
    const id = randomUUID();
    await turn(member, id, { assistantId });
    const other = createApp(readEnv(usher.env));
    await addProvider(other, admin.actor, {
      ...{ kind: "openai-compatible", name: "newer", baseUrl: model.url, apiKey: "sk-new" },
    });
    await other.db.offeredModel.updateMany({ data: { isDefault: false } });
    await other.db.offeredModel.create({ data: { name: "newer/best", isDefault: true } });
    await turn(member, id, {});
    expect(asked()).toBe("best");
    await other.mcp.close();
    await other.db.$disconnect();
  });
});
