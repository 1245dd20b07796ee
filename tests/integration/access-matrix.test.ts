import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PUT as assistantAccessRoute } from "@/app/api/assistants/[assistantId]/access/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { GET as chatAssistantsRoute } from "@/app/api/chat/assistants/route";
import { POST as decideRoute } from "@/app/api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute } from "@/app/api/chat/conversations/route";
import { POST as refreshRoute } from "@/app/api/connections/[serverId]/refresh/route";
import { GET as connectionRoute } from "@/app/api/connections/[serverId]/route";
import { GET as connectionsRoute } from "@/app/api/connections/route";
import { PUT as groupRoute } from "@/app/api/groups/[groupId]/route";
import { POST as createGroupRoute } from "@/app/api/groups/route";
import { PUT as serverAccessRoute } from "@/app/api/mcp-servers/[serverId]/access/route";
import { POST as linkRoute } from "@/app/api/mcp-servers/[serverId]/authorizations/route";
import { GET as authorizeRoute } from "@/app/oauth/authorize/[serverId]/route";
import { createAssistant } from "@/lib/assistants/assistant";
import type { AccessInput } from "@/lib/contracts/people/group";
import { createServer } from "@/lib/servers/save";
import { createApiKey } from "@/lib/session/api-keys/authenticate";
import { sealTokens } from "@/lib/tokens/token-store";
import { modelKey, send } from "@/tests/support/chat-fixture";
import { startEchoingMcpServer } from "@/tests/support/echoing-mcp-server";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const people = ["sales", "support", "both", "neither"] as const;
type Name = (typeof people)[number];
const numbers = [0, 1, 2] as const;
const everybody: readonly Name[] = people;
/** Who may use each assistant and each server: everyone, a group, or one person and a group. */
const mayUse = {
  assistants: [everybody, ["sales", "both"], ["neither", "support", "both"]],
  servers: [everybody, ["support", "both"], ["sales"]],
} satisfies Record<string, (readonly Name[])[]>;
const combinations = people.flatMap((person) =>
  numbers.flatMap((assistant) => numbers.map((server) => ({ person, assistant, server }))),
);
const tool = "fail_with_token";
const unknown = randomUUID();

type Handler = Parameters<Visitor["visit"]>[0];
let usher: Installation;
let model: OpenAiServer;
let echo: Awaited<ReturnType<typeof startEchoingMcpServer>>;
let admin: Visitor;
const visitors = {} as Record<Name, Visitor>;
const keys = {} as Record<Name, string>;
const assistants: string[] = [];
const servers: string[] = [];
const groups = {} as Record<"sales" | "support", string>;

beforeAll(async () => {
  echo = await startEchoingMcpServer();
  // It calls whatever it is told to, regardless of what it was offered.
  model = await startOpenAiServer(({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === "tool") return [{ type: "text", deltas: ["Done."] }];
    const name = /call (\w+)/.exec(JSON.stringify(last?.content))?.[1] ?? "none";
    return [{ type: "tool-call", name, arguments: {} }];
  });
  usher = await startInstallation({
    env: {
      AI_MODEL: "openai-compatible/practice-model",
      OPENAI_COMPATIBLE_BASE_URL: model.url,
      OPENAI_COMPATIBLE_API_KEY: modelKey,
    },
  });
  admin = await usher.join("ADMIN");
  for (const name of people) {
    visitors[name] = await usher.join("MEMBER", name);
    keys[name] = await keyOf(visitors[name]);
  }
  for (const number of numbers) servers.push(await makeServer(number));
  for (const number of numbers) {
    const { id } = await createAssistant(
      { ...usher.app, modelProblem: () => null },
      {
        ...{ name: `Assistant ${number}`, description: "", instructions: "", model: "" },
        servers: servers.map((serverId) => ({ serverId, allTools: true, toolNames: [] })),
      },
    );
    assistants.push(id);
  }
  groups.sales = await makeGroup("Sales", ["sales", "both"]);
  groups.support = await makeGroup("Support", ["support", "both"]);
  await setAccess("assistant", 1, { groupIds: [groups.sales] });
  await setAccess("assistant", 2, { userIds: [idOf("neither")], groupIds: [groups.support] });
  await setAccess("server", 1, { groupIds: [groups.support] });
  await setAccess("server", 2, { userIds: [idOf("sales")] });
});
afterAll(async () => {
  await usher.close();
  await Promise.all([echo.close(), model.close()]);
});
beforeEach(() => usher.app.db.rateLimit.deleteMany());

const idOf = (name: Name) => visitors[name].user.id;
const at = <T>(list: readonly T[], index: number): T => {
  const found = list[index];
  if (found === undefined) throw new Error(`There is no ${index}`);
  return found;
};
const allows = (kind: keyof typeof mayUse, index: number, person: Name) =>
  at<readonly Name[]>(mayUse[kind], index).includes(person);
const tokenOf = (person: Name, server: number) => `token-of-${person}-at-${server}`;

async function keyOf({ user }: Visitor): Promise<string> {
  const { secret, keyHash, prefix } = createApiKey();
  const scopes = ["connections:write", "assistants:read", "chat:write"];
  const data = { name: "Key", userId: user.id, keyHash, prefix, scopes, createdAt: new Date() };
  await usher.app.db.apiKey.create({ data });
  return secret;
}

async function makeServer(number: number): Promise<string> {
  const { app } = usher;
  const serverId = await createServer(
    app,
    serverInput({
      ...{ name: `Server ${number}`, url: echo.url, authentication: "OAUTH" },
      oauth: {
        ...{ clientId: "client", clientSecret: "secret", tokenSharing: "PER_USER" },
        authorizationEndpoint: "https://as.example.com/authorize",
        tokenEndpoint: "https://as.example.com/token",
      },
    }),
  );
  const definition = { title: null, description: "", inputSchema: { type: "object" } };
  await app.db.toolCatalogue.create({
    data: {
      ...{ serverId, serverVersion: 1, fetchedAt: app.now() },
      tools: [{ name: tool, ...definition, annotations: { readOnlyHint: true } }],
    },
  });
  for (const name of people) {
    const owner = { serverId, ownerKey: idOf(name) };
    const tokens = {
      ...{ accessToken: tokenOf(name, number), refreshToken: null, tokenType: "Bearer" },
      ...{ scope: null, expiresAt: null, obtainedAt: new Date() },
    };
    await app.db.storedTokenSet.create({
      data: { ...owner, userId: owner.ownerKey, ...sealTokens(app.keyring, owner, tokens) },
    });
  }
  return serverId;
}

async function makeGroup(name: string, members: readonly Name[]): Promise<string> {
  const userIds = members.map(idOf);
  const json = { name, description: "", claimValue: "", role: null, userIds };
  const made = await admin.visit(createGroupRoute, { path: "/api/groups", json });
  expect(made.status).toBe(201);
  return (await made.json()).id;
}

async function setAccess(
  kind: "assistant" | "server",
  number: number,
  chosen: Partial<AccessInput>,
): Promise<void> {
  const json: AccessInput = { access: "CHOSEN", userIds: [], groupIds: [], ...chosen };
  const id = at(kind === "assistant" ? assistants : servers, number);
  const route = kind === "assistant" ? assistantAccessRoute : serverAccessRoute;
  const params = { [`${kind}Id`]: id };
  const visit = { path: `/api/any/${id}/access`, method: "PUT", json, params };
  expect((await admin.visit(route as Handler, visit)).status).toBe(200);
}

type Ask = { method?: string; json?: unknown; params?: Record<string, string> };

/** In a browser, and with an API key. */
const ways = {
  "in a browser": (name: Name, handler: Handler, ask: Ask) =>
    visitors[name].visit(handler, { path: "/api/any", ...ask }),
  "with an API key": (name: Name, handler: Handler, { method, json, params = {} }: Ask) => {
    const request = new Request(`${publicUrl}/api/any`, {
      method: method ?? (json === undefined ? "GET" : "POST"),
      headers: { authorization: `Bearer ${keys[name]}`, "content-type": "application/json" },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    return handler(request, { params: Promise.resolve(params as never) });
  },
};

/** The response for an id, without the id itself and that of the request. */
async function answerOf(response: Response, id: string): Promise<string> {
  const body = (await response.text()).replaceAll(id, "<id>").replace(/"requestId":"[^"]*"/, "");
  return `${response.status} ${body}`;
}

async function conversationOf(person: Name, assistant: number): Promise<string> {
  const data = { userId: idOf(person), assistantId: at(assistants, assistant), title: "T" };
  return (await usher.app.db.conversation.create({ data })).id;
}

/** A waiting call, as a turn stored it while there was access. */
async function pausedCall(
  where: (typeof combinations)[number],
  state: "AWAITING_CONFIRMATION" | "CONFIRMED",
) {
  const { db } = usher.app;
  const conversationId = await conversationOf(where.person, where.assistant);
  const toolCallId = randomUUID();
  const part = { type: "dynamic-tool", toolCallId, toolName: `server_${where.server}__${tool}` };
  const messages = [
    { role: "user", parts: [{ type: "text", text: "Hello" }] },
    {
      role: "assistant",
      parts: [{ type: "step-start" }, { ...part, state: "input-available", input: {} }],
    },
  ];
  for (const [position, message] of messages.entries()) {
    await db.message.create({ data: { id: randomUUID(), conversationId, position, ...message } });
  }
  const serverId = at(servers, where.server);
  const { id } = await db.pausedToolCall.create({
    data: { conversationId, serverId, toolCallId, toolName: tool, input: {}, state },
  });
  return { conversationId, pausedToolCallId: id };
}

async function turn(
  person: Name,
  conversationId: string,
  json: unknown,
  ask = ways["in a browser"],
): Promise<Response> {
  const response = await ask(person, turnRoute, { json, params: { conversationId } });
  return new Response(await response.text(), response);
}

const callsOf = (person: Name, server: number) =>
  echo.tokens.filter((each) => each === tokenOf(person, server)).length;

describe.each(Object.entries(ways))("%s", (way, ask) => {
  it.each(people)("the lists contain what %s may use, and nothing else", async (person) => {
    const names = (kind: keyof typeof mayUse) =>
      numbers.filter((index) => allows(kind, index, person));
    const serverNames = names("servers").map((index) => `Server ${index}`);
    for (const route of [assistantsRoute, chatAssistantsRoute]) {
      const response = await ask(person, route, {});
      const list = (await response.json()).assistants as { name: string; serverNames: string[] }[];
      expect(list.map((each) => each.name)).toEqual(
        names("assistants").map((index) => `Assistant ${index}`),
      );
      for (const each of list) expect(each.serverNames).toEqual(serverNames);
      for (const index of numbers) {
        const told = JSON.stringify(list).toLowerCase().includes(`server ${index}`);
        expect(told && !allows("servers", index, person)).toBe(false);
      }
    }
    const { connections } = await (await ask(person, connectionsRoute, {})).json();
    expect(connections.map((each: { serverName: string }) => each.serverName)).toEqual(serverNames);
  });

  it.each(people)(
    "an assistant or server that %s may not use responds like one that does not exist",
    async (person) => {
      for (const index of numbers) {
        const assistantId = at(assistants, index);
        const begin = (id: string) => ask(person, createRoute, { json: { assistantId: id } });
        const [begun, none] = [await begin(assistantId), await begin(unknown)];
        if (allows("assistants", index, person)) expect(begun.status).toBe(201);
        else expect(await answerOf(begun, assistantId)).toBe(await answerOf(none, unknown));

        const serverId = at(servers, index);
        const may = allows("servers", index, person);
        for (const [route, method] of [
          [connectionRoute, "GET"],
          [refreshRoute, "POST"],
          [linkRoute, "POST"],
        ] as const) {
          const open = (id: string) => ask(person, route, { method, params: { serverId: id } });
          const [real, absent] = [await open(serverId), await open(unknown)];
          expect(absent.status).toBe(404);
          if (may) expect(real.status).toBeLessThan(300);
          else expect(await answerOf(real, serverId)).toBe(await answerOf(absent, unknown));
        }
      }
    },
  );

  it.each(combinations)(
    "$person with assistant $assistant: a turn offers and calls the tools of server $server only with access to both",
    async ({ person, assistant, server }) => {
      const mayChat = allows("assistants", assistant, person);
      const may = mayChat && allows("servers", server, person);
      const conversationId = await conversationOf(person, assistant);
      const [before, asked] = [callsOf(person, server), model.requests.length];
      const name = `server_${server}__${tool}`;
      const answer = await turn(person, conversationId, send(`call ${name}`), ask);
      const offered = model.requests
        .slice(asked)
        .flatMap(({ body }) => body.tools?.map((each) => each.function.name) ?? []);
      expect(answer.status).toBe(mayChat ? 200 : 409);
      expect(offered.includes(name)).toBe(may);
      expect(callsOf(person, server) > before).toBe(may);
    },
  );

  it.each(combinations)(
    "$person with assistant $assistant: a resume runs a waiting call to server $server only with access to both",
    async (where) => {
      const { person, assistant, server } = where;
      const may = allows("assistants", assistant, person) && allows("servers", server, person);
      const { conversationId } = await pausedCall(where, "CONFIRMED");
      const before = callsOf(person, server);
      const resumed = await turn(person, conversationId, { kind: "resume" }, ask);
      expect(callsOf(person, server) > before).toBe(may);
      if (resumed.status === 200 && !may) {
        expect(await resumed.text()).toContain("you no longer have access to it");
      }
    },
  );

  it.each(combinations)(
    '$person with assistant $assistant: "Run now" for a call to server $server needs access to both',
    async (where) => {
      const { person, assistant, server } = where;
      const may = allows("assistants", assistant, person) && allows("servers", server, person);
      const waiting = await pausedCall(where, "AWAITING_CONFIRMATION");
      const before = callsOf(person, server);
      const decided = await ask(person, decideRoute, {
        json: { decision: "run" },
        params: waiting,
      });
      // No program says "Run now" on a person's behalf.
      expect(decided.status).toBe(way === "with an API key" ? 403 : may ? 200 : 404);
      expect(callsOf(person, server)).toBe(before);
      await turn(person, waiting.conversationId, { kind: "resume" }, ask);
      expect(callsOf(person, server) > before).toBe(may && way === "in a browser");
    },
  );
});

it.each(combinations.filter(({ assistant }) => assistant === 0))(
  "$person reaches the provider of server $server only with access",
  async ({ person, server }) => {
    const open = async (serverId: string) => {
      const path = `/oauth/authorize/${serverId}?tab=1`;
      const visit = { path, params: { serverId } };
      const response = await visitors[person].visit(authorizeRoute, visit);
      return response.headers.get("location")?.replaceAll(serverId, "<id>");
    };
    const location = await open(at(servers, server));
    if (allows("servers", server, person)) {
      expect(location).toMatch(/^https:\/\/as\.example\.com\/authorize\?/);
    } else {
      expect(location).toContain("authorization_error=not_found");
      expect(location).toBe(await open(unknown));
    }
  },
);

it("an admin may use everything", async () => {
  const response = await admin.visit(chatAssistantsRoute, { path: "/api/chat/assistants" });
  const { assistants: list } = await response.json();
  expect(list).toHaveLength(3);
  expect(list[0].serverNames).toHaveLength(3);
});

it("access lost during a turn ends with the turn's next step", async () => {
  const conversationId = await conversationOf("sales", 1);
  model.setScript(async ({ messages }) => {
    if (messages.at(-1)?.role === "tool") return [{ type: "text", deltas: ["Not to be said."] }];
    const json = { name: "Sales", description: "", claimValue: "", role: null, userIds: [] };
    const params = { groupId: groups.sales };
    const visit = { path: "/api/groups/any", method: "PUT", json, params };
    expect((await admin.visit(groupRoute as Handler, visit)).status).toBe(200);
    return [{ type: "tool-call", name: `server_0__${tool}`, arguments: {} }];
  });
  const before = callsOf("sales", 0);
  const answer = await (await turn("sales", conversationId, send("Go"))).text();
  expect(answer).toContain("no longer have access to this assistant");
  expect(answer).not.toContain("Not to be said.");
  expect(callsOf("sales", 0)).toBe(before);
});
