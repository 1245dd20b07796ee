// One replica of Usher, as production runs it: bundled, on Postgres, with its guard, sealing and log.

import { readAccessOfCall } from "@/lib/access/read-access";
import { createApp } from "@/lib/app";
import { callTool } from "@/lib/calls/call-tool";
import { targetFor } from "@/lib/calls/target";
import type { Owner } from "@/lib/db/stored-token-set";
import { readEnv } from "@/lib/env";
import { createMcpConnections, type McpToolResult } from "@/lib/mcp/connections";
import { mcpOutboundLimits } from "@/lib/mcp/http/server-fetch";
import type { McpTarget } from "@/lib/mcp/target";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { createEndpointCache } from "@/lib/servers/open-endpoint";
import { accessToken } from "@/lib/tokens/access-token";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { TokenCache } from "@/lib/tokens/token-cache";
import { serve } from "../child";
import { type CallRound, callAtOnce, runCalls, runHerd } from "./loop";

export interface UsherOptions {
  env: Record<string, string>;
}

export interface Account {
  userId: string;
  accessToken: string;
}

export interface CallsThroughUsher extends CallRound {
  serverId: string;
  /** The first concurrent caller calls as the first of them, and so on, round and round. */
  accounts: Account[];
  /**
   * `custody`: as the chat calls. `database`: the same, with nothing known of the token, so that
   * each call reads and opens it. `static`: the same connections, access check and audit, with tokens that are just
   * there, so that the credential alone is compared.
   */
  credential: "custody" | "database" | "static";
}

const options: UsherOptions = JSON.parse(process.argv[2] ?? "{}");
const app = createApp(readEnv(options.env));
const { signal } = new AbortController();
const agent = createOutboundAgent(app.rules.outboundPolicy);
const outbound = createOutboundFetch(agent, mcpOutboundLimits);

/** By name, such as MaxListenersExceededWarning. */
const warnings: string[] = [];
process.on("warning", ({ name }) => warnings.push(name));

const commands = {
  async calls({ serverId, accounts, credential, ...round }: CallsThroughUsher) {
    const own = (caller: number) => accounts[caller % accounts.length] as Account;
    if (credential === "static") {
      const targets = await Promise.all(accounts.map((account) => staticTarget(serverId, account)));
      return runCalls(async (text, caller) => {
        const target = targets[caller % targets.length] as (typeof targets)[number];
        const startedAt = performance.now();
        await readAccessOfCall(app.db, personOf(own(caller)), { assistantId: null, serverId });
        const result = await app.mcp.callTool(target, { name: "echo", input: { text }, signal });
        auditOf(target, own(caller).userId, performance.now() - startedAt);
        return textOf(result);
      }, round);
    }
    return runCalls(async (text, caller) => {
      if (credential === "database") app.tokenCache.drop(serverId);
      return callEcho(app, { serverId, userId: own(caller).userId }, text);
    }, round);
  },

  /** A herd as the chat calls, with nothing known of the token. */
  async callAtOnce({ callers, ...who }: Who & { callers: number }) {
    app.tokenCache.drop(who.serverId);
    return callAtOnce((text) => callEcho(app, who, text), callers);
  },

  /** The tokens alone. @param at epoch, in ms */
  async tokensAtOnce({ owner, ...herd }: { owner: Owner; callers: number; at: number }) {
    app.tokenCache.drop(owner.serverId);
    return runHerd(() => accessToken(app, owner), herd);
  },

  /** What the work so far has left behind. */
  async traces() {
    globalThis.gc?.();
    return { heapMb: process.memoryUsage().heapUsed / 1e6, warnings };
  },

  /** One sweep, to its end. @param startAt epoch, in ms */
  async sweep({ concurrency, startAt }: { concurrency: number; startAt: number }) {
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = before;
    const sampling = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss());
    }, 250);
    await new Promise((resolve) => setTimeout(resolve, startAt - Date.now()));
    const cpu = process.cpuUsage();
    const options = { trigger: "manual", claimForMs: 15 * 60_000, concurrency } as const;
    const result = await runRefreshSweep(app, options);
    const { user, system } = process.cpuUsage(cpu);
    clearInterval(sampling);
    return {
      ...result,
      endedAt: Date.now(),
      cpuMs: (user + system) / 1000,
      growthMb: (peak - before) / 1e6,
    };
  },

  /** One call by a process that knows nothing of the server but what is stored. */
  async coldCall(who: Who) {
    const { now, log, stdio } = app;
    const storedEra = async (target: McpTarget) => target.storedEra;
    const mcp = createMcpConnections({ outbound, now, log, stdio, storedEra });
    const caches = { tokenCache: new TokenCache(now), endpointCache: createEndpointCache(now) };
    const cold = { ...app, mcp, ...caches };
    const once = { calls: 1, concurrency: 1 };
    const measured = await runCalls((text) => callEcho(cold, who, text), once);
    await mcp.close();
    return measured;
  },
};
export type UsherProcess = typeof commands;

interface Who {
  serverId: string;
  userId: string;
}

/** As the chat calls. */
async function callEcho(by: typeof app, { serverId, userId }: Who, text: string): Promise<string> {
  const call = { serverId, toolName: "echo", input: { text }, user: { id: userId }, signal };
  return textOf(await callTool(by, call));
}

const personOf = ({ userId: id }: Account) => ({ id, role: "MEMBER" as const });

/** As `callTool` audits. */
function auditOf({ serverId, serverName, ownerKey }: McpTarget, actorId: string, tookMs: number) {
  app.toolCalls.add({
    ...{ actorId, actorEmail: null, ipAddress: null, serverId, serverName, toolName: "echo" },
    ...{ assistantId: null, conversationId: null, outcome: "answered", ownerKey },
    health: null,
    durationMs: Math.round(tookMs),
  });
}

async function staticTarget(serverId: string, { userId, accessToken }: Account) {
  const target = await targetFor(app, serverId, userId);
  const bearer = target.bearer && { ...target.bearer, token: async () => accessToken };
  // A connection of its own: one asks for tokens where it was opened to ask.
  return { ...target, ownerKey: `${target.ownerKey} static`, bearer };
}

function textOf({ content: [first], isError }: McpToolResult): string {
  if (isError || first?.type !== "text") throw new Error("The call went wrong.");
  return first.text;
}

await app.db.$queryRaw`SELECT 1`;
serve(commands);
