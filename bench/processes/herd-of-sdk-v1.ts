// A herd at the official SDK's client, v1, with tokens kept as its documentation says.

import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { StoredTokens } from "../peers/stored-tokens";
import { serve } from "./commands";
import { callAtOnce, type HerdPeer } from "./herd";

let client: Client | null = null;

const commands: HerdPeer = {
  async begin(grant) {
    client = new Client({ name: "bench", version: "1.0.0" });
    const authProvider = new StoredTokens(grant);
    await client.connect(new StreamableHTTPClientTransport(new URL(grant.url), { authProvider }));
  },

  async expire() {},

  call({ callers }) {
    return callAtOnce(async (text) => {
      const result = await client?.callTool({ name: "echo", arguments: { text } });
      const [first] = (result?.content ?? []) as { text?: string }[];
      return first?.text ?? "";
    }, callers);
  },

  async end() {
    await client?.close();
  },
};

serve(commands);
