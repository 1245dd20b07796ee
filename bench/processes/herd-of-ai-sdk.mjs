// A herd at @ai-sdk/mcp, with tokens kept as its documentation says.

import { createMCPClient } from "@ai-sdk/mcp";
import { StoredTokens } from "../peers/stored-tokens";
import { serve } from "./commands";
import { callAtOnce } from "./herd";

/** @type {Awaited<ReturnType<typeof createMCPClient>> | null} */
let client = null;
/** @type {((text: string) => Promise<string>) | null} */
let echo = null;

/** @type {import("./herd").HerdPeer} */
const commands = {
  async begin(grant) {
    const authProvider = new StoredTokens(grant);
    client = await createMCPClient({ transport: { type: "http", url: grant.url, authProvider } });
    const tools = await client.tools();
    echo = async (text) => {
      const result = await tools.echo.execute({ text }, { messages: [], toolCallId: text });
      return result.content[0]?.text ?? "";
    };
  },

  async expire() {},

  call({ callers }) {
    return callAtOnce((text) => echo(text), callers);
  },

  async end() {
    await client?.close();
  },
};

serve(commands);
