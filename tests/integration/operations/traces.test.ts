import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute, GET as listRoute } from "@/app/api/chat/conversations/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { createAssistant } from "@/lib/assistants/assistant";
import { createServer as createMcpServer } from "@/lib/servers/save";
import { startOpenTelemetry } from "@/lib/telemetry/opentelemetry";
import { authorize } from "@/tests/support/authorize";
import { modelKey, send } from "@/tests/support/chat-fixture";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 60 * 60_000;

/** What a collector was sent, by path. */
const received: { path: string; body: Buffer }[] = [];
let collector: Server;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let model: OpenAiServer;
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "traces-"));
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
  files = await startPersonalFiles({ provider, dataDir });
  let asked = 0;
  model = await startOpenAiServer(() => {
    asked += 1;
    return asked > 1
      ? [{ type: "text", deltas: ["Done."] }]
      : [{ type: "tool-call", name: "personal_files__list_files", arguments: {} }];
  });
  collector = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    received.push({ path: request.url ?? "", body: Buffer.concat(chunks) });
    response.end();
  }).listen(0, "127.0.0.1");
  await once(collector, "listening");
});
afterAll(async () => {
  collector.close();
  await Promise.all([files.close(), provider.close(), model.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

interface Span {
  name: string;
  trace: string;
  id: string;
  parent: string;
}

/** From OTLP's protobuf: each length-delimited field with its number. */
function* fields(message: Buffer): Generator<[field: number, value: Buffer]> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const kind = tag & 7;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = varint();
      yield [tag >> 3, message.subarray(at, at + length)];
      at += length;
    }
  }
}

const within = (message: Buffer, field: number) =>
  [...fields(message)].flatMap(([number, value]) => (number === field ? [value] : []));

/** @see https://github.com/open-telemetry/opentelemetry-proto trace/v1/trace.proto */
function spansOf(request: Buffer): Span[] {
  return within(request, 1)
    .flatMap((resource) => within(resource, 2))
    .flatMap((scope) => within(scope, 2))
    .map((span) => ({
      name: String(within(span, 5)[0]),
      trace: within(span, 1)[0]?.toString("hex") ?? "",
      id: within(span, 2)[0]?.toString("hex") ?? "",
      parent: within(span, 4)[0]?.toString("hex") ?? "",
    }));
}

async function stage(env: Record<string, string>) {
  const clock = new Clock();
  const usher = await startInstallation({
    now: clock.now,
    env: {
      AI_MODEL: "openai-compatible/practice-model",
      OPENAI_COMPATIBLE_BASE_URL: model.url,
      OPENAI_COMPATIBLE_API_KEY: modelKey,
      ...env,
    },
  });
  const admin = await usher.join("ADMIN");
  const input = { name: "Personal Files", url: files.url };
  const serverId = await createMcpServer(
    usher.app,
    oauthServerInput(provider, { ...input, oauth: { tokenSharing: "PER_USER" } }),
  );
  await authorize(admin, serverId, "ada");
  await usher.settle();
  return { usher, admin, serverId, clock };
}

async function chat(usher: Installation, admin: Visitor, serverId: string): Promise<string> {
  const { id: assistantId } = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  const base = "/api/chat/conversations";
  const created = await admin.visit(createRoute, { path: base, json: { assistantId } });
  const { id: conversationId } = await created.json();
  const where = { path: `${base}/${conversationId}/turn`, params: { conversationId } };
  return (await admin.visit(turnRoute, { ...where, json: send("List my files") })).text();
}

describe("OpenTelemetry", () => {
  it("follows a turn through its model, its tool call and the token's refresh, without a secret", async () => {
    const { port } = collector.address() as AddressInfo;
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
    const { usher, admin, serverId, clock } = await stage({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    const before = await usher.app.db.storedTokenSet.findFirstOrThrow();
    clock.advance(hour - 60_000);
    const answer = await chat(usher, admin, serverId);
    expect(answer).toContain("Done.");
    await usher.settle();
    await usher.app.telemetry.on?.stop();
    vi.unstubAllEnvs();

    const bodies = received.map(({ body }) => body.toString("latin1")).join("\n");
    const spans = received.flatMap(({ path: to, body }) =>
      to === "/v1/traces" ? spansOf(body) : [],
    );
    const byId = new Map(spans.map((span) => [span.id, span]));
    const refresh = spans.find(({ name }) => name === "refresh");
    const chain: string[] = [];
    for (let at = refresh; at; at = byId.get(at.parent)) chain.push(at.name);
    expect(chain).toEqual([
      ...["refresh", "token", "tool call", "turn"],
      "POST /api/chat/conversations/[conversationId]/turn",
    ]);
    const turn = spans.find(({ name }) => name === "turn");
    const steps = spans.filter(({ name }) => name === "model step");
    expect(steps.map(({ parent }) => parent)).toEqual([turn?.id, turn?.id]);

    const metrics = received.filter(({ path: to }) => to === "/v1/metrics");
    expect(metrics.map(({ body }) => body.toString("latin1")).join()).toContain("usher_refreshes");

    const secrets = [admin.user.email, modelKey, files.url, "List my files", "Done."];
    const stored = [
      before.accessTokenSealed,
      ...provider.requests.flatMap(({ parameters }) => [
        parameters.refresh_token ?? "nothing",
        parameters.code ?? "nothing",
        parameters.client_secret ?? "nothing",
      ]),
    ];
    for (const secret of [...secrets, ...stored]) expect(bodies).not.toContain(secret);
    await usher.close();
  });

  const [trace, parent] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
  const begun = { trace, parent };
  const own = { trace: expect.not.stringMatching(trace), parent: "" };
  it.each([
    ["a valid one is continued", `00-${trace}-${parent}-01`, {}, [begun]],
    ["one that is not sampled sends nothing", `00-${trace}-${parent}-00`, {}, []],
    ["without an id it is ignored", `00-${"0".repeat(32)}-${parent}-01`, {}, [own]],
    ["anything else is ignored", "00-'; DROP TABLE", {}, [own]],
    ["OTEL_PROPAGATORS=none", `00-${trace}-${parent}-01`, { OTEL_PROPAGATORS: "none" }, [own]],
  ])("reads traceparent: %s", async (_, traceparent, env, expected) => {
    received.length = 0;
    const { port } = collector.address() as AddressInfo;
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
    const usher = await startInstallation({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`, ...env },
    });
    const member = await usher.join("MEMBER");
    received.length = 0;
    const path = "/api/chat/conversations";
    await member.visit(listRoute, { path, headers: { traceparent } });
    await usher.app.telemetry.on?.stop();
    vi.unstubAllEnvs();
    const spans = received.flatMap(({ path: to, body }) =>
      to === "/v1/traces" ? spansOf(body) : [],
    );
    const asked = spans.filter(({ name }) => name === `GET ${path}`);
    expect(asked).toEqual(expected.map((each) => expect.objectContaining(each)));
    await usher.close();
  });

  // n8n-io/n8n#37203, open-telemetry/opentelemetry-python#2024
  it("is warned of once if the collector takes nothing, without what it answered", async () => {
    const refusing = createServer((_, response) => response.writeHead(401).end("key: s3cret"));
    await once(refusing.listen(0, "127.0.0.1"), "listening");
    const { port } = refusing.address() as AddressInfo;
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
    const warned: unknown[][] = [];
    const log = { info: () => {}, warn: (...said: unknown[]) => warned.push(said) } as never;
    const openTelemetry = { traces: true, metrics: false, continuesTraces: false };
    const started = await startOpenTelemetry({ env: { openTelemetry } as never, log });
    await started.span("a span", {}, async () => {});
    await started.stop();
    refusing.close();
    vi.unstubAllEnvs();
    expect(warned).toEqual([
      [{ what: "traces", code: 401 }, "the OpenTelemetry collector did not take what was sent"],
    ]);
  });

  it("loads nothing and sends nothing when it is off", async () => {
    received.length = 0;
    const off: Record<string, string>[] = [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9", OTEL_SDK_DISABLED: "true" },
    ];
    for (const env of off) {
      const usher = await startInstallation({ env });
      expect(usher.app.telemetry.on).toBeNull();
      await usher.close();
    }
    expect(received).toEqual([]);
  });
});
