import type { ServerIdentity } from "@/lib/contracts/servers/discovery";
import { type DiscoveryContext, networkFailure } from "@/lib/discovery/context";
import { firstMessage } from "@/lib/discovery/first-message";
import { asNow, forgetSession, handshake } from "@/lib/discovery/questions";
import { oneLine } from "@/lib/untrusted-text";

/** In characters. */
const longest = { name: 60, description: 200 };
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
    const message = response.ok ? await firstMessage(response) : null;
    if (!response.bodyUsed) await response.body?.cancel();
    await forgetSession(serverUrl, response.headers.get("mcp-session-id"), ctx);
    return message;
  } catch (error) {
    networkFailure(error);
    return null;
  }
}
