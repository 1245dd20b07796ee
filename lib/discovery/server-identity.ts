import { boundedJsonOrNull } from "@/lib/bounded-json";
import type { ServerIdentity } from "@/lib/contracts/servers/discovery";
import { type DiscoveryContext, networkFailure } from "@/lib/discovery/context";
import { asNow, forgetSession, handshake } from "@/lib/discovery/questions";
import { oneLine } from "@/lib/untrusted-text";

/** In characters; for a response in bytes. */
const longest = { name: 60, description: 200, answer: 64 * 1024 };
const META_KEY = "io.modelcontextprotocol/serverInfo";

/** A server's text about itself, each on one line and truncated. */
export function identityOf(name: unknown, description: unknown): ServerIdentity {
  return {
    name: textIn(name, longest.name),
    description: textIn(description, longest.description),
  };
}

/**
 * Asks a server that needs no token for its name: in the handshake, or in the way of 2026-07-28 servers.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 * @see https://modelcontextprotocol.io/specification/2026-07-28/server/discover
 */
export async function askIdentity(
  serverUrl: string,
  ctx: DiscoveryContext,
): Promise<ServerIdentity> {
  for (const init of [handshake(), asNow("server/discover")]) {
    const info = serverInfoIn(await answerOf(serverUrl, init, ctx));
    if (info === null) continue;
    const titled = identityOf(info.title, info.description);
    const identity = titled.name === null ? identityOf(info.name, info.description) : titled;
    if (identity.name !== null) return identity;
  }
  return identityOf(null, null);
}

function textIn(value: unknown, maxLength: number): string | null {
  const text = typeof value === "string" ? oneLine(value, maxLength) : "";
  return text === "" ? null : text;
}

function serverInfoIn(message: unknown): Record<string, unknown> | null {
  const result = recordIn(recordIn(message)?.result);
  return recordIn(result?.serverInfo) ?? recordIn(recordIn(result?._meta)?.[META_KEY]);
}

function recordIn(value: unknown): Record<string, unknown> | null {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
}

/** The first JSON-RPC message of a response, as JSON or as an event; null if there is none. */
async function answerOf(
  serverUrl: string,
  init: RequestInit,
  ctx: DiscoveryContext,
): Promise<unknown> {
  try {
    const signal = ctx.signal ? { signal: ctx.signal } : {};
    const response = await ctx.outbound(serverUrl, { ...init, redirect: "manual", ...signal });
    const isStream = /^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "");
    const message =
      response.ok && response.body ? await firstMessage(response.body, isStream) : null;
    if (!response.bodyUsed) await response.body?.cancel();
    await forgetSession(serverUrl, response.headers.get("mcp-session-id"), ctx);
    return message;
  } catch (error) {
    networkFailure(error);
    return null;
  }
}

/** A stream has no end: it is read until its first message is complete. */
async function firstMessage(body: ReadableStream<Uint8Array>, isStream: boolean): Promise<unknown> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > longest.answer) return null;
    const message = isStream ? messageIn(text) : null;
    if (message !== null) return message;
  }
  return isStream ? null : boundedJsonOrNull(text);
}

function messageIn(events: string): unknown {
  for (const event of events.split(/\r?\n\r?\n/).slice(0, -1)) {
    const data = event.split(/\r?\n/).filter((line) => line.startsWith("data:"));
    const message = boundedJsonOrNull(data.map((line) => line.slice(5)).join("\n"));
    if (recordIn(message)?.result !== undefined) return message;
  }
  return null;
}
