// One turn in a separate process, for a test to kill. Its tool reports that it was called, and hangs.

import type { ChatUser } from "@/lib/chat/context";
import { runTurn } from "@/lib/chat/turn/run-turn";
import { createRunningTurns } from "@/lib/chat/turn/running-turns";
import type { TurnInput } from "@/lib/contracts/chat/chat";
import { createDatabase } from "@/lib/db/client";
import { newKeyring } from "./keyring";

export type ChatProcessOptions = {
  databaseUrl: string;
  modelUrl: string;
  conversationId: string;
  user: ChatUser;
  input: TurnInput;
};

const options: ChatProcessOptions = JSON.parse(process.argv[2] ?? "{}");

const turn = await runTurn(
  {
    db: createDatabase(options.databaseUrl, { connections: 2 }),
    keyring: newKeyring(),
    now: () => new Date(),
    log: console,
    modelEnv: {
      aiModel: "openai-compatible/practice-model",
      anthropicApiKey: null,
      openaiApiKey: null,
      openaiCompatibleBaseUrl: options.modelUrl,
      openaiCompatibleApiKey: null,
      gatewayApiKey: null,
      vercel: false,
    },
    callTool: () => {
      process.stdout.write("called\n");
      return new Promise(() => undefined);
    },
    describeAccount: async () => ({
      ...{ actingAs: "Your account", connected: true, hasConnection: true },
      ...{ account: null, isDefault: true, choose: null },
    }),
    listAccounts: async () => [],
    mayAuthorize: () => true,
    turns: createRunningTurns(),
    timing: { leaseMs: 2_500, heartbeatMs: 250, pollMs: 60, modelRetries: 0 },
  },
  options,
);
for await (const chunk of turn.stream as unknown as AsyncIterable<{ type: string }>) {
  process.stdout.write(`${chunk.type}\n`);
}
