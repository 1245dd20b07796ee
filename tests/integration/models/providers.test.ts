import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PUT as defaultRoute } from "@/app/api/models/default/route";
import {
  PUT as changeModelRoute,
  DELETE as withdrawRoute,
} from "@/app/api/models/offered/[modelId]/route";
import { POST as offerRoute } from "@/app/api/models/offered/route";
import { GET as listRoute } from "@/app/api/models/providers/[providerName]/models/route";
import {
  PATCH as changeRoute,
  DELETE as removeRoute,
} from "@/app/api/models/providers/[providerName]/route";
import { POST as testRoute } from "@/app/api/models/providers/[providerName]/test/route";
import { POST as addRoute } from "@/app/api/models/providers/route";
import { GET as modelsRoute } from "@/app/api/models/route";
import { fingerprint } from "@/demo/authorization-server/request-log";
import type { ModelsView, ModelTest, ProviderModels } from "@/lib/contracts/models";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { sendJson, startHttpServer } from "@/tests/support/local-http-server";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import type { Visitor } from "@/tests/support/visitor";

const apiKey = "sk-own-0123456789abcdefghij";
const base = "/api/models";
let model: OpenAiServer;
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  model = await startOpenAiServer(() => []);
});
afterAll(() => model.close());
beforeEach(async () => {
  model.setScript(() => [{ type: "text", deltas: ["OK"] }]);
  model.setModels(200, { data: [{ id: "large" }, { id: "small" }] });
});
afterEach(() => usher.close());

async function start(env: Record<string, string> = {}) {
  usher = await startInstallation({ env });
  admin = await usher.join("ADMIN");
}

const own = () => ({ kind: "openai-compatible", name: "own", baseUrl: model.url, apiKey });
const add = (json: object = own()) => admin.visit(addRoute, { path: `${base}/providers`, json });
const at = (providerName: string) => ({
  path: `${base}/providers/${providerName}`,
  params: { providerName },
});
const change = (json: object, name = "own") =>
  admin.visit(changeRoute, { ...at(name), method: "PATCH", json });
const remove = (name = "own") => admin.visit(removeRoute, { ...at(name), method: "DELETE" });
const offer = (json: object) => admin.visit(offerRoute, { path: `${base}/offered`, json });
const changeModel = (modelId: string, json: object) =>
  admin.visit(changeModelRoute, {
    ...{ path: `${base}/offered/${modelId}`, params: { modelId } },
    ...{ method: "PUT", json },
  });
const withdraw = (modelId: string) =>
  admin.visit(withdrawRoute, {
    ...{ path: `${base}/offered/${modelId}`, params: { modelId }, method: "DELETE" },
  });
const setDefault = (id: string | null) =>
  admin.visit(defaultRoute, { path: `${base}/default`, method: "PUT", json: { id } });

async function view(): Promise<ModelsView> {
  return (await admin.visit(modelsRoute, { path: base })).json();
}
async function test(json: object = {}, name = "own"): Promise<ModelTest> {
  return (await admin.visit(testRoute, { ...at(name), json })).json();
}
async function list(search = "", name = "own"): Promise<ProviderModels> {
  const { path, params } = at(name);
  const found = await admin.visit(listRoute, { path: `${path}/models?search=${search}`, params });
  return found.json();
}
async function fieldsOf(response: Response): Promise<Record<string, string>> {
  expect(response.status).toBe(400);
  return (await response.json()).error.fields;
}
async function actions(): Promise<string[]> {
  const events = await usher.app.db.auditEvent.findMany({ orderBy: { at: "asc" } });
  return events.map(({ action }) => action);
}

describe("a provider added by an admin", () => {
  it("is called with its key, which appears in no answer, row or event", async () => {
    await start();
    const added = await (await add()).text();
    expect(JSON.parse(added)).toMatchObject({ name: "own", hasKey: true, source: "settings" });
    expect(await test({ model: "small" })).toMatchObject({ ok: true, model: "small" });
    expect(model.requests.at(-1)?.authorizationHash).toBe(fingerprint(`Bearer ${apiKey}`));
    const rows = await usher.app.db.modelProvider.findMany();
    const events = await usher.app.db.auditEvent.findMany();
    for (const text of [added, JSON.stringify([rows, events, await view()])]) {
      expect(text).not.toContain(apiKey);
    }
    expect((await view()).providers).toMatchObject([
      { name: "own", lastTest: { model: "small", error: null } },
    ]);
    expect(await actions()).toEqual(["model.add-provider", "model.test-provider"]);
  });

  it.each([
    [{ kind: "openai" }, { apiKey: "Enter the API key." }],
    [{ kind: "openai-compatible", name: "openai" }, { name: /another kind of provider/ }],
    [{ ...{ kind: "openai-compatible", name: "No Slug" } }, { name: /lower-case letters/ }],
    [{ kind: "openai-compatible", name: "own" }, { baseUrl: "Enter the base URL." }],
    [{ kind: "openai", apiKey: "two words" }, { apiKey: /no spaces/ }],
  ])("is rejected with the field that needs a correction: %o", async (input, expected) => {
    await start();
    const fields = await fieldsOf(await add(input));
    for (const [name, words] of Object.entries(expected)) expect(fields[name]).toMatch(words);
    expect((await view()).providers).toEqual([]);
  });

  it.each([
    ["http://10.0.0.7:11434/v1", /https only.*ALLOWED_PRIVATE_HOSTS/],
    ["https://10.0.0.7/v1", /ALLOWED_PRIVATE_HOSTS/],
    ["https://169.254.169.254/v1", /reserved address/],
    ["https://user:secret@models.example.com/v1", /user name and password/],
    ["https://models.example.com/v1?key=1", /without a query/],
  ])("is not saved at %s, and the reason is given", async (baseUrl, words) => {
    await start();
    const fields = await fieldsOf(await add({ ...own(), baseUrl }));
    expect(fields.baseUrl).toMatch(words);
  });

  it("is saved without the endpoint that was pasted with its base URL", async () => {
    await start();
    const answer = await add({ ...own(), baseUrl: `${model.url}/chat/completions/` });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ baseUrl: model.url });
  });

  it("in the private network is allowed by ALLOWED_PRIVATE_HOSTS", async () => {
    await start({ ALLOWED_PRIVATE_HOSTS: "10.0.0.7" });
    expect((await add({ ...own(), baseUrl: "https://10.0.0.7/v1" })).status).toBe(201);
  });

  it("over http is saved, called and listed if the operator allowed the host, and nowhere else", async () => {
    await start({ ALLOWED_PRIVATE_HOSTS: "127.0.0.1", ALLOW_HTTP_LOOPBACK: "0" });
    const elsewhere = await fieldsOf(
      await add({ ...own(), baseUrl: model.url.replace("127.0.0.1", "localhost") }),
    );
    expect(elsewhere.baseUrl).toMatch(/https only/);
    expect((await add(own())).status).toBe(201);
    expect(await test({ model: "small" })).toMatchObject({ ok: true });
  });

  it("at a forbidden address is refused when it is called, whatever is stored", async () => {
    await start();
    await usher.app.db.modelProvider.create({
      data: { kind: "openai-compatible", name: "own", baseUrl: "http://models.example.com/v1" },
    });
    const { ok, message } = await test({ model: "small" });
    expect(ok).toBe(false);
    expect(message).toMatch(/https only/);
  });

  it("never sends its key to a base URL other than the one it was entered for", async () => {
    await start();
    await add();
    const thief = await startOpenAiServer(() => [{ type: "text", deltas: ["OK"] }]);
    const fields = await fieldsOf(await change({ baseUrl: thief.url }));
    expect(fields.apiKey).toMatch(/Enter the API key again/);
    await test({ model: "small" });
    expect(thief.requests).toEqual([]);
    expect((await change({ baseUrl: thief.url, apiKey: "sk-other" })).status).toBe(200);
    await test({ model: "small" });
    expect(thief.requests.at(-1)?.authorizationHash).toBe(fingerprint("Bearer sk-other"));
    await thief.close();
  });

  it("keeps its key if an edit leaves it out, and forgets its test", async () => {
    await start();
    await add();
    await test({ model: "small" });
    await change({ apiKey: "" });
    expect((await view()).providers).toMatchObject([{ hasKey: true, lastTest: null }]);
    await change({ apiKey: "sk-new" });
    await test({ model: "small" });
    expect(model.requests.at(-1)?.authorizationHash).toBe(fingerprint("Bearer sk-new"));
    expect(await actions()).toContain("model.replace-key");
  });

  it("takes its models with it when it is removed", async () => {
    await start();
    await add();
    await offer({ name: "own/small" });
    expect((await view()).defaultModel).toMatchObject({ name: "own/small", from: "settings" });
    expect((await remove()).status).toBe(204);
    expect(await view()).toMatchObject({
      ...{ providers: [], offered: [] },
      defaultModel: { name: "built-in", from: "nothing" },
    });
    expect((await remove()).status).toBe(404);
  });
});

describe("each kind of provider", () => {
  const bearer = { authorization: `Bearer ${apiKey}` };
  it.each([
    ["anthropic", "/v1/messages", "/v1/models?limit=1000", { "x-api-key": apiKey }],
    ["openai", "/v1/responses", "/v1/models", bearer],
    ["openai-compatible", "/v1/chat/completions", "/v1/models", bearer],
    ["gateway", "/v1/language-model", "/v1/models", bearer],
  ])("%s is called at its base URL, with its key in the form its API expects", async (...row) => {
    const [kind, messages, models, headers] = row;
    const seen: { url: string | undefined; headers: object }[] = [];
    const server = await startHttpServer((request, response) => {
      seen.push({ url: request.url, headers: request.headers });
      if (request.method === "GET") return sendJson(response, 200, { data: [{ id: "a/small" }] });
      const error = { type: "authentication_error", message: `Wrong key ${apiKey}` };
      return sendJson(response, 401, { error });
    });
    try {
      await start();
      const baseUrl = `${server.origin}/v1/`;
      expect(
        (await add({ kind, name: kind === "openai-compatible" ? "own" : "", baseUrl, apiKey }))
          .status,
      ).toBe(201);
      const name = kind === "openai-compatible" ? "own" : kind;
      expect((await list("", name)).models).toEqual([{ id: "a/small", label: "" }]);
      const { ok, message } = await test({ model: "a/small" }, name);
      expect(ok).toBe(false);
      expect(message).toContain(
        `Ask an admin to check the API key of ${name} in Settings > Models.`,
      );
      expect(message).not.toContain(apiKey);
      expect(seen).toMatchObject([
        { url: models, headers },
        { url: messages, headers },
      ]);
    } finally {
      await server.close();
    }
  });
});

describe("a test reports the result", () => {
  it.each([
    [401, "invalid api key", /refused Usher's key \(401.*the API key of own in Settings > Models/],
    [402, "no credit", /no credit left/],
    [404, "no such model", /does not know the model own\/small/],
    [429, "slow down", /too many requests/],
    [500, "oops", /temporary problem/],
  ])("in plain words for a %i", async (status, message, words) => {
    await start();
    await add();
    model.setScript(() => [{ type: "error", status, message: `${message} ${apiKey}` }]);
    const result = await test({ model: "small" });
    expect(result.ok).toBe(false);
    expect(result.message).toMatch(words);
    expect(result.message).not.toContain(apiKey);
    expect((await view()).providers[0]?.lastTest?.error).toBe(result.message);
  });

  // giuseppe99barchetta/SuggestArr#338, agentscope-ai/QwenPaw#756, netease-youdao/LobsterAI#20
  it("for a model that refuses a limit for its answer by that name, as the chat sends none", async () => {
    await start();
    await add();
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    model.setScript(({ max_tokens: limit }) =>
      limit === undefined
        ? [{ type: "text", deltas: ["OK"] }]
        : [{ type: "error", status: 400, message }],
    );
    expect(await test({ model: "small" })).toMatchObject({ ok: true, message: "small answered." });
  });

  // neutree-ai/agent-platform#130, zeenie-ai/OpenCompany#114
  it.each([
    ["a page", "text/html", "<!doctype html><title>Welcome</title>"],
    ["an error with 200", "application/json", '{"error":"Unexpected endpoint or method."}'],
  ])("for a base URL that answers with %s", async (_, type, body) => {
    const server = await startHttpServer((_request, response) =>
      response.writeHead(200, { "content-type": type }).end(body),
    );
    try {
      await start();
      await add({ ...own(), baseUrl: server.origin });
      const { ok, message } = await test({ model: "small" });
      expect(ok).toBe(false);
      expect(message).toMatch(/Ask an admin to check it; many end in \/v1/);
    } finally {
      await server.close();
    }
  });

  it("for a provider that does not respond", async () => {
    await start();
    await add({ ...own(), baseUrl: "http://127.0.0.1:9/v1" });
    expect((await test({ model: "small" })).message).toMatch(/refused the connection/);
  });

  it("with the offered model, otherwise with the first one that the provider lists", async () => {
    await start();
    await add();
    expect((await test()).model).toBe("large");
    await offer({ name: "own/small" });
    expect((await test()).model).toBe("small");
  });
});

describe("the list of a provider's models", () => {
  it("is searched item by item, and anything that is not a model is left out", async () => {
    await start();
    await add();
    model.setModels(200, {
      data: [
        { id: "llama-3", display_name: "Llama\u202e 3" },
        null,
        { id: 7 },
        { id: "two words" },
        { id: "x".repeat(300) },
        { id: "qwen" },
      ],
    });
    expect(await list()).toEqual({
      ...{ total: 2, problem: null },
      models: [
        { id: "llama-3", label: "Llama 3" },
        { id: "qwen", label: "" },
      ],
    });
    expect((await list("LLA")).models.map(({ id }) => id)).toEqual(["llama-3"]);
  });

  it("shows the first 500 of more", async () => {
    await start();
    await add();
    const data = Array.from({ length: 700 }, (_, n) => ({ id: `m-${n}` }));
    model.setModels(200, { data });
    const { models, total } = await list();
    expect([models.length, total]).toEqual([500, 700]);
  });

  it.each<[string, object]>([
    ["names alone", { models: ["a", "b"] }],
    ["names under another word", { data: [{ model: "a" }, { model_name: "b" }] }],
    ["an envelope in another one", { data: { models: [{ id: "a" }, { id: "b" }] } }],
    ["null in the usual place", { data: null, items: [{ id: "a" }, { slug: "b" }] }],
  ])("is read from %s", async (_, answer) => {
    await start();
    await add();
    model.setModels(200, answer);
    expect((await list()).models.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it.each([
    [401, { error: { message: "bad key" } }, /refused Usher's key/],
    [404, {}, /no list of models/],
    [200, { data: "none" }, /could not be read/],
    [200, { data: [{ id: "x".repeat(5 * 1024 * 1024) }] }, /could not be read/],
  ])("that cannot be loaded says why (%i)", async (status, body, words) => {
    await start();
    await add();
    model.setModels(status, body);
    expect((await list()).problem).toMatch(words);
  });
});

describe("offered models", () => {
  it("have one default for everyone, which is initially the first model", async () => {
    await start();
    await add();
    const first = await (await offer({ name: "own/small" })).json();
    const second = await (await offer({ name: "own/large", audience: "ADMINS" })).json();
    expect((await view()).defaultModel).toMatchObject({ name: "own/small", from: "settings" });
    await fieldsOf(await setDefault(second.id));
    await fieldsOf(await changeModel(first.id, { label: "", audience: "ADMINS" }));
    await changeModel(second.id, { label: "Large", audience: "EVERYONE" });
    expect(await (await setDefault(second.id)).json()).toMatchObject({
      defaultModel: { name: "own/large", label: "Large" },
    });
    expect((await view()).offered.map(({ isDefault }) => isDefault)).toEqual([true, false]);
    await withdraw(second.id);
    expect((await view()).defaultModel.name).toBe("built-in");
    expect(await actions()).toEqual([
      ...["model.add-provider", "model.offer", "model.set-default", "model.offer"],
      ...["model.change", "model.set-default", "model.withdraw"],
    ]);
  });

  it("cannot belong to a missing provider, and cannot be offered twice", async () => {
    await start();
    await add();
    expect((await fieldsOf(await offer({ name: "nobody/small" }))).name).toMatch(/cannot be used/);
    await offer({ name: "own/small" });
    expect((await fieldsOf(await offer({ name: "own/small" }))).name).toMatch(/already/);
  });

  it("of a provider that is turned off say so, and the default is not used", async () => {
    await start();
    await add();
    await offer({ name: "own/small" });
    await change({ enabled: false });
    const { offered, defaultModel } = await view();
    expect(offered[0]?.problem).toMatch(/own is turned off/);
    expect(defaultModel.name).toBe("built-in");
  });
});

describe("the environment", () => {
  it("takes precedence over a provider added by an admin, and over the default", async () => {
    await start({
      ...{ AI_MODEL: "openai-compatible/practice-model", OPENAI_API_KEY: "sk-environment" },
      OPENAI_COMPATIBLE_BASE_URL: model.url,
    });
    await add({ kind: "openai", apiKey });
    await add();
    await offer({ name: "own/small" });
    const { providers, defaultModel } = await view();
    expect(providers).toMatchObject([
      { name: "openai", source: "environment", variable: "OPENAI_API_KEY", hidesSaved: true },
      { name: "openai-compatible", source: "environment", variable: "OPENAI_COMPATIBLE_BASE_URL" },
      { name: "own", source: "settings" },
    ]);
    expect(defaultModel).toMatchObject({
      name: "openai-compatible/practice-model",
      from: "AI_MODEL",
    });
    expect(await test({}, "openai-compatible")).toMatchObject({ ok: true, model: "large" });
    expect((await list("", "openai-compatible")).total).toBe(2);
  });
});
