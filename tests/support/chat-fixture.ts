import { randomUUID } from "node:crypto";
import { readUIMessageStream } from "ai";
import type {
  ChatContext,
  ChatUser,
  ToolCallRequest,
  ToolCallResult,
  TurnTiming,
} from "@/lib/chat/context";
import { readConversation } from "@/lib/chat/conversations";
import { type RunningTurn, runTurn } from "@/lib/chat/turn/run-turn";
import { createRunningTurns } from "@/lib/chat/turn/running-turns";
import type { ChatMessage, ConversationDetail, TurnInput } from "@/lib/contracts/chat/chat";
import type { ToolPolicy } from "@/lib/contracts/servers/tool-policy";
import { createDatabase, type Database } from "@/lib/db/client";
import { AuthorizationRequiredError } from "@/lib/errors";
import { newKeyring } from "./keyring";
import { type ModelScript, type OpenAiServer, startOpenAiServer } from "./openai-server";
import { createTestDatabase } from "./postgres";

export type TurnChunk = RunningTurn["stream"] extends ReadableStream<infer Chunk> ? Chunk : never;

export const modelKey = "sk-test-0123456789abcdefghij";

/** Short, so that a test of a dead process does not wait long. */
const timing: TurnTiming = {
  leaseMs: 2_500,
  heartbeatMs: 250,
  pollMs: 60,
  modelSilenceMs: 5_000,
  modelRetries: 0,
  answerMs: 10_000,
};

type ToolHandler = (call: ToolCallRequest) => ToolCallResult | Promise<ToolCallResult>;

export type FixtureTool = {
  name: string;
  readOnly: boolean;
  /** Absent: no decision on it. */
  policy?: ToolPolicy;
  run: ToolHandler;
  inputSchema?: Record<string, unknown>;
};

export type FixtureServer = {
  name: string;
  /** For an OAuth server: what it requires before a call runs. Null: no sign-in. */
  tokenSharing?: "SHARED" | "PER_USER" | null;
  tools: FixtureTool[];
};

/**
 * The chat on a real database with a scripted model over the wire. Its tools are functions of the
 * test behind the same interface as the MCP connections.
 */
export type ChatFixture = {
  db: Database;
  ctx: ChatContext;
  model: OpenAiServer;
  ada: ChatUser;
  bob: ChatUser;
  assistantId: string;
  serverIds: Record<string, string>;
  /** Every call that reached a tool, in order. */
  calls: ToolCallRequest[];
  connect(serverName: string, user: ChatUser): void;
  disconnect(serverName: string, user: ChatUser): void;
  /** Another process on the same database. */
  replica(): ChatContext;
  start(user?: ChatUser): Promise<string>;
  begin(conversationId: string, input: TurnInput, ctx?: ChatContext): Promise<RunningTurn>;
  turn(conversationId: string, input: TurnInput): Promise<{ chunks: TurnChunk[] }>;
  read(conversationId: string): Promise<ConversationDetail>;
  close(): Promise<void>;
};

export function send(text: string, messageId: string = randomUUID()): TurnInput {
  return { kind: "send", messageId, text };
}

export async function startChatFixture(
  servers: FixtureServer[],
  script: ModelScript,
): Promise<ChatFixture> {
  const database = await createTestDatabase();
  const db = createDatabase(database.url, { connections: 8 });
  const model = await startOpenAiServer(script);
  const [ada, bob] = [await insertUser(db, "ada", "ADMIN"), await insertUser(db, "bob", "MEMBER")];
  const { assistantId, serverIds } = await insertAssistant(db, servers);
  const connected = new Set<string>();
  const calls: ToolCallRequest[] = [];
  const serverOf = (id: string) => servers.find((server) => serverIds[server.name] === id);
  const ownerKey = (server: FixtureServer, user: ChatUser) =>
    `${server.name} ${server.tokenSharing === "SHARED" ? "shared" : user.id}`;
  const isConnected = (server: FixtureServer | undefined, user: ChatUser) =>
    server !== undefined && (!server.tokenSharing || connected.has(ownerKey(server, user)));

  async function callTool(call: ToolCallRequest): Promise<ToolCallResult> {
    const server = serverOf(call.serverId);
    const tool = server?.tools.find(({ name }) => name === call.toolName);
    if (!server || !tool) throw new Error(`No tool ${call.toolName}`);
    if (!isConnected(server, call.user)) {
      const where = { serverId: call.serverId, ownerKey: call.user.id };
      throw new AuthorizationRequiredError(where, `You have not connected ${server.name} yet.`);
    }
    calls.push(call);
    return tool.run(call);
  }
  const keyring = newKeyring();
  const makeContext = (): ChatContext => ({
    db,
    keyring,
    now: () => new Date(),
    log: { warn: () => undefined, error: () => undefined },
    modelEnv: {
      aiModel: "openai-compatible/practice-model",
      anthropicApiKey: null,
      openaiApiKey: null,
      openaiCompatibleBaseUrl: model.url,
      openaiCompatibleApiKey: modelKey,
      gatewayApiKey: null,
      vercel: false,
    },
    callTool,
    describeAccount: async (id, user) => {
      const server = serverOf(id);
      const connected = isConnected(server, user);
      const only = { connected, account: null, isDefault: true, choose: null };
      return server?.tokenSharing
        ? { actingAs: "Your account", hasConnection: true, ...only }
        : { actingAs: "No sign-in", hasConnection: false, ...only };
    },
    listAccounts: async () => [],
    mayAuthorize: (user, tokenSharing) => tokenSharing === "PER_USER" || user.role === "ADMIN",
    turns: createRunningTurns(),
    timing,
  });
  const ctx = makeContext();
  const begin: ChatFixture["begin"] = (conversationId, input, own = ctx) =>
    runTurn(own, { user: ada, conversationId, input });

  return {
    db,
    ctx,
    model,
    ada,
    bob,
    assistantId,
    serverIds,
    calls,
    connect: (name, user) => change((key) => connected.add(key), name, user),
    disconnect: (name, user) => change((key) => connected.delete(key), name, user),
    replica: makeContext,
    async start(user = ada) {
      const row = await db.conversation.create({
        data: { userId: user.id, assistantId, title: "New conversation" },
      });
      return row.id;
    },
    begin,
    async turn(conversationId, input) {
      const turn = await begin(conversationId, input);
      const chunks = await collect(turn);
      return { chunks };
    },
    read: (conversationId) => readConversation(ctx, ada, conversationId),
    async close() {
      await model.close();
      await db.$disconnect();
      await database.drop();
    },
  };

  function change(apply: (key: string) => void, name: string, user: ChatUser): void {
    const server = servers.find((one) => one.name === name);
    if (!server) throw new Error(`No server ${name}`);
    apply(ownerKey(server, user));
  }
}

/** Reads a turn to its end. */
export async function collect(turn: RunningTurn): Promise<TurnChunk[]> {
  const chunks: TurnChunk[] = [];
  for await (const chunk of turn.stream as unknown as AsyncIterable<TurnChunk>) chunks.push(chunk);
  await turn.finished;
  return chunks;
}

/** What the AI SDK's own reader, which the browser uses, makes of the chunks. */
export async function asBrowserReads(
  chunks: readonly TurnChunk[],
  message?: ChatMessage,
): Promise<ChatMessage | undefined> {
  const stream = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const copy = message && structuredClone(message);
  let last: ChatMessage | undefined = copy;
  const states = readUIMessageStream<ChatMessage>({
    stream,
    ...(copy ? { message: copy } : {}),
    terminateOnError: true,
  });
  for await (const state of states) last = state;
  return last;
}

export function text(value: string): ToolCallResult {
  return { content: [{ type: "text", text: value }], isError: false, truncated: false };
}

/** Tool calls without their result directly after them, in everything that the model was ever sent. */
export function unansweredCalls({ requests }: OpenAiServer): string[] {
  return requests.flatMap(({ body }) =>
    body.messages.flatMap((message, index) => {
      const wanted = message.tool_calls?.map(({ id }) => id) ?? [];
      const results = body.messages.slice(index + 1, index + 1 + wanted.length);
      return wanted.filter(
        (id) => !results.some((result) => result.role === "tool" && result.tool_call_id === id),
      );
    }),
  );
}

export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error("It did not happen within 10 s.");
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

async function insertUser(db: Database, name: string, role: "ADMIN" | "MEMBER"): Promise<ChatUser> {
  const { id, email } = await db.user.create({
    data: { email: `${name}@example.com`, name, role },
  });
  return { id, email, name, role };
}

async function insertAssistant(db: Database, servers: readonly FixtureServer[]) {
  const serverIds: Record<string, string> = {};
  for (const { name, tokenSharing = null, tools } of servers) {
    const row = await db.mcpServer.create({
      data: {
        name,
        transport: "STREAMABLE_HTTP",
        url: "https://mcp.example.com/mcp",
        authentication: tokenSharing ? "OAUTH" : "NONE",
        catalogue: {
          create: {
            serverVersion: 1,
            fetchedAt: new Date(),
            tools: tools.map((tool) => ({
              name: tool.name,
              title: null,
              description: `Tool ${tool.name}`,
              inputSchema: (tool.inputSchema ?? { type: "object", properties: {} }) as object,
              annotations: { readOnlyHint: tool.readOnly },
            })),
          },
        },
        ...(tokenSharing
          ? {
              oauthClient: {
                create: {
                  clientId: "client",
                  authorizationEndpoint: "https://as.example.com/authorize",
                  tokenEndpoint: "https://as.example.com/token",
                  tokenSharing,
                },
              },
            }
          : {}),
      },
    });
    serverIds[name] = row.id;
  }
  const assistant = await db.assistant.create({
    data: {
      name: "Helper",
      instructions: "Be brief.",
      servers: {
        create: servers.map(({ name, tools }) => ({
          serverId: serverIds[name] ?? "",
          tools: {
            create: tools.flatMap(({ name: toolName, policy }) =>
              policy ? [{ toolName, policy }] : [],
            ),
          },
        })),
      },
    },
  });
  return { assistantId: assistant.id, serverIds };
}
