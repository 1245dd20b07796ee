import { appendFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { GET as readRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { POST as turnRoute } from "@/app/api/chat/conversations/[conversationId]/turn/route";
import { POST as createRoute } from "@/app/api/chat/conversations/route";
import { GET as cronRoute } from "@/app/api/cron/refresh-tokens/route";
import { MessageList } from "@/components/chat/turn/message-list";
import type { Conversation } from "@/components/chat/turn/use-conversation";
import { ConversationContext } from "@/components/chat/turn/use-conversation";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { createAssistant } from "@/lib/assistants/assistant";
import type { ConversationDetail } from "@/lib/contracts/chat/chat";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { modelKey, send } from "@/tests/support/chat-fixture";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import { oauthServerInput } from "@/tests/support/server-input";
import { statementsDuring } from "@/tests/support/statements";
import { type TracedFile, traceFiles } from "@/tests/support/traced-files";
import type { Visitor } from "@/tests/support/visitor";

const hour = 60 * 60_000;
let dataDir: string;
let provider: AuthorizationServer;
let files: PracticeMcpServer;
let model: OpenAiServer;
let clock: Clock;
let usher: Installation;
let admin: Visitor;
let serverId: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "trips-"));
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
  files = await startPersonalFiles({ provider, dataDir });
  model = await startOpenAiServer((request) =>
    request.messages.at(-1)?.role === "tool"
      ? [{ type: "text", deltas: ["There are two."] }]
      : [{ type: "tool-call", name: "personal_files__list_files", arguments: {} }],
  );
});
afterAll(async () => {
  await Promise.all([files.close(), provider.close(), model.close()]);
  await rm(dataDir, { recursive: true, force: true });
});

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({
    now: clock.now,
    env: {
      AI_MODEL: "openai-compatible/practice-model",
      OPENAI_COMPATIBLE_BASE_URL: model.url,
      OPENAI_COMPATIBLE_API_KEY: modelKey,
    },
  });
  admin = await usher.join("ADMIN");
  const input = { name: "Personal Files", url: files.url };
  serverId = await createServer(
    usher.app,
    oauthServerInput(provider, { ...input, oauth: { tokenSharing: "PER_USER" } }),
  );
  await authorize(admin, serverId, "ada");
  await usher.settle();
});
afterEach(() => usher.close());

/**
 * No trip goes through these: queues of webhooks and mails have timers that may fire meanwhile on a busy machine, where
 * a connection may also be slow enough to look like an outage.
 */
const meanwhile = /^lib\/((db\/)?(webhooks|email)\/|queue-timers\.ts|db\/outage\.ts)/;

async function traceTrip(trip: Parameters<typeof traceFiles>[0]): Promise<TracedFile[]> {
  return (await traceFiles(trip)).filter((file) => !meanwhile.test(file.path));
}

/** For scripts/trace-trip.mjs, which prints it. */
function tell(trip: string, traced: TracedFile[]): void {
  const file = process.env.USHER_TRIPS;
  if (file) appendFileSync(file, `${JSON.stringify({ trip, files: traced })}\n`);
}

/** What a failure has to show: which file was added. */
const pathsOf = (traced: TracedFile[]) => traced.map((file) => file.path).join("\n");

it("a refresh runs through at most 40 files from the cron's request to the saved row", async () => {
  const sweep = async () => {
    clock.advance(hour - 5 * 60_000);
    const response = await admin.visit(cronRoute, {
      path: "/api/cron/refresh-tokens",
      headers: { authorization: `Bearer ${usher.env.CRON_SECRET}` },
    });
    expect(await response.json()).toMatchObject({ refreshed: 1, failed: 0, deferred: 0 });
  };
  await sweep();
  await usher.settle();
  const traced = await traceTrip((there) => {
    // The first event after the row is saved.
    const { tokenCache } = usher.app;
    const drop = tokenCache.drop.bind(tokenCache);
    tokenCache.drop = (...owner) => {
      there();
      drop(...owner);
    };
    return sweep();
  });
  tell("A refresh, from the cron's request to the saved row", traced);
  expect(traced.map((file) => file.path)).toContain("lib/tokens/refresh-leased.ts");
  expect(traced.length, pathsOf(traced)).toBeLessThanOrEqual(40);
});

it("a call without consent runs through at most 90 files from the message to its card", async () => {
  const assistantId = await guide();
  const askAndRead = async (visitor: Visitor, conversationId: string) => {
    await ask(visitor, conversationId);
    expect(cardOf(await read(visitor, conversationId))).toContain(
      "Personal Files needs your account",
    );
  };
  const first = await usher.join("MEMBER");
  await askAndRead(first, await begin(first, assistantId));
  await usher.settle();
  clock.advance(60_000);
  const second = await usher.join("MEMBER");
  const conversationId = await begin(second, assistantId);
  const later: (() => Promise<void>)[] = [];
  const { afterResponse, toolCalls } = usher.app;
  usher.app.afterResponse = (work) => later.push(work);
  // Written in the background a fifth of a second later, which may be during this trip or after it.
  usher.app.toolCalls = {
    ...toolCalls,
    add: (call) => later.push(async () => toolCalls.add(call)),
  };
  await usher.settle();
  const traced = await traceTrip(() => askAndRead(second, conversationId));
  later.forEach(afterResponse);
  tell("A call without a consent, from the message to its card", traced);
  expect(traced.map((file) => file.path)).toContain("components/chat/input/consent-entry.tsx");
  expect(traced.length, pathsOf(traced)).toBeLessThanOrEqual(90);
});

it("a turn with one tool call asks the database at most 38 times, and for no list of tools twice", async () => {
  const conversationId = await begin(admin, await guide());
  const turn = async () => {
    await ask(admin, conversationId);
    await usher.settle();
  };
  await turn();
  const statements = await statementsDuring(turn);
  const detail = await read(admin, conversationId);
  expect(JSON.stringify(detail.messages.at(-1))).toContain("There are two.");
  expect(statements.length, statements.join("\n")).toBeLessThanOrEqual(38);
  expect(statements.filter((text) => /"ToolCatalogue"."tools"/.test(text))).toHaveLength(1);
});

async function guide(): Promise<string> {
  const assistant = await createAssistant(
    { ...usher.app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );
  return assistant.id;
}

const base = "/api/chat/conversations";
const placeOf = (conversationId: string) => ({
  path: `${base}/${conversationId}`,
  params: { conversationId },
});

async function begin(visitor: Visitor, assistantId: string): Promise<string> {
  return (await (await visitor.visit(createRoute, { path: base, json: { assistantId } })).json())
    .id;
}

async function ask(visitor: Visitor, conversationId: string): Promise<void> {
  const where = placeOf(conversationId);
  const turn = { ...where, path: `${where.path}/turn`, json: send("List my files") };
  await (await visitor.visit(turnRoute, turn)).text();
}

async function read(visitor: Visitor, conversationId: string): Promise<ConversationDetail> {
  return (await visitor.visit(readRoute, placeOf(conversationId))).json();
}

function cardOf(detail: ConversationDetail): string {
  const conversation = { detail, session: {}, busy: false };
  return renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <ConversationContext value={conversation as unknown as Conversation}>
        <MessageList messages={detail.messages} busy={false} paused={detail.pausedToolCalls} />
      </ConversationContext>
    </QueryClientProvider>,
  );
}
