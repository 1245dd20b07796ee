import type { Client } from "@modelcontextprotocol/client";
import { InvalidInputError } from "@/lib/errors";
import { MAX_CALL_MS } from "./server-fetch";
import { type McpToolResult, toolResult } from "./tool-result";

export type ToolCall = {
  name: string;
  /** The arguments: a JSON object, as the tool's input schema describes it. */
  input: unknown;
  /** Ends the call: the server is told, and the call rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Without any word from the server, in ms; a report of progress starts it anew. Default: 60,000. */
  timeoutMs?: number | undefined;
};

const DEFAULT_TIMEOUT_MS = 60_000;

/** Calls a tool over an open connection; rejects with the SDK's errors. */
export async function callTool(client: Client, call: ToolCall): Promise<McpToolResult> {
  const result = await client.callTool(
    { name: call.name, arguments: argumentsOf(call.input) },
    {
      ...(call.signal ? { signal: call.signal } : {}),
      timeout: Math.min(call.timeoutMs ?? DEFAULT_TIMEOUT_MS, MAX_CALL_MS),
      maxTotalTimeout: MAX_CALL_MS,
      resetTimeoutOnProgress: true,
      // A server reports progress only where somebody listens.
      onprogress: () => {},
    },
  );
  return toolResult(result);
}

function argumentsOf(input: unknown): Record<string, unknown> {
  if (input === null || input === undefined) return {};
  if (typeof input !== "object" || Array.isArray(input)) {
    throw new InvalidInputError({ input: "The arguments of a tool are a JSON object." });
  }
  return input as Record<string, unknown>;
}
