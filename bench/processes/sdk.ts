// The official SDK's client, v2, used as its documentation says, with the token as a fixed header.

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { type CallRound, runCalls } from "./call-loop";
import { serve } from "./commands";

export interface CallsThroughSdk extends CallRound {
  url: string;
  token: string;
}

const connected = new Map<string, Promise<Client>>();

async function connect(url: string, token: string): Promise<Client> {
  const client = new Client(
    { name: "bench", version: "1.0.0" },
    { versionNegotiation: { mode: "auto" } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    }),
  );
  return client;
}

async function callEcho(client: Client, text: string): Promise<string> {
  const result = await client.callTool({ name: "echo", arguments: { text } });
  const [first] = result.content;
  return first?.type === "text" ? first.text : "";
}

const commands = {
  async calls({ url, token, ...round }: CallsThroughSdk) {
    const connecting = connected.get(url) ?? connect(url, token);
    connected.set(url, connecting);
    const client = await connecting;
    return runCalls((text) => callEcho(client, text), round);
  },

  /** Connects anew and calls once. */
  async coldCall({ url, token }: Pick<CallsThroughSdk, "url" | "token">) {
    const clients: Client[] = [];
    const measured = await runCalls(
      async (text) => {
        const client = await connect(url, token);
        clients.push(client);
        return callEcho(client, text);
      },
      { calls: 1, concurrency: 1 },
    );
    for (const client of clients) await client.close();
    return measured;
  },
};
export type SdkProcess = typeof commands;

serve(commands);
