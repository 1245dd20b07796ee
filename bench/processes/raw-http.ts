// The least that a call can cost on Node: one POST over a kept connection and JSON.parse.

import { Agent } from "undici";
import { type CallRound, runCalls } from "./call-loop";
import { serve } from "./commands";
import type { Era } from "./lean-mcp-server-answer";

export interface RawCalls extends CallRound {
  url: string;
  token: string;
  era: Era;
}

const agent = new Agent();

const commands = {
  async calls({ url, token, era, ...round }: RawCalls) {
    const { origin, pathname } = new URL(url);
    const modern = era === "modern";
    const headers = {
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      authorization: `Bearer ${token}`,
      "mcp-protocol-version": modern ? "2026-07-28" : "2025-11-25",
      ...(modern
        ? { "mcp-method": "tools/call", "mcp-name": "echo" }
        : { "mcp-session-id": "raw" }),
    };
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    let id = 0;
    return runCalls(async (text) => {
      const params = { name: "echo", arguments: { text }, ...(modern ? { _meta } : {}) };
      const { body } = await agent.request({
        origin,
        path: pathname,
        method: "POST",
        headers,
        body: JSON.stringify({ jsonrpc: "2.0", id: id++, method: "tools/call", params }),
      });
      const answer = await body.text();
      const data = era === "legacyStreaming" ? answer.slice(answer.indexOf("data: ") + 6) : answer;
      return JSON.parse(data).result.content[0].text;
    }, round);
  },
};
export type RawHttpProcess = typeof commands;

serve(commands);
