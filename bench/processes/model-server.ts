// A model behind an OpenAI-compatible API that thinks for as long as it is told, then answers.

import { type OpenAiServer, startOpenAiServer } from "@/tests/support/openai-server";
import { serve } from "./commands";

const { thinksForMs, answer }: { thinksForMs: number; answer: string[] } = JSON.parse(
  process.argv[2] ?? "{}",
);
const server: OpenAiServer = await startOpenAiServer(() => [
  { type: "pause", ms: thinksForMs },
  { type: "text", deltas: answer },
]);

const commands = {
  async baseUrl(): Promise<string> {
    return server.url;
  },
  async answered(): Promise<number> {
    return server.requests.length;
  },
};
export type ModelServerProcess = typeof commands;

serve(commands);
