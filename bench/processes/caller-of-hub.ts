// Calls a tool through a running mcp-hub over its REST interface, which is the one that it has.

import { Agent } from "undici";
import { type CallRound, runCalls } from "./call-loop";
import { serve } from "./commands";

export interface CallsThroughHub extends CallRound {
  hubUrl: string;
  /** The name that the hub's configuration gives the MCP server. */
  serverName: string;
}

const agent = new Agent();

const commands = {
  async calls({ hubUrl, serverName, ...round }: CallsThroughHub) {
    return runCalls(async (text) => {
      const { statusCode, body } = await agent.request({
        origin: hubUrl,
        path: "/api/servers/tools",
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ server_name: serverName, tool: "echo", arguments: { text } }),
      });
      const answer = (await body.json()) as { result?: { content: { text: string }[] } };
      if (statusCode !== 200) throw new Error(JSON.stringify(answer).slice(0, 300));
      return answer.result?.content[0]?.text ?? "";
    }, round);
  },
};
export type CallerOfHub = typeof commands;

serve(commands);
