// A token endpoint written by hand, so that the provider is not what is measured: it rotates refresh
// tokens, ends a grant when one is used again, waits as long as it is told, and counts.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { serve } from "../child";

let latencyMs = 0;
let posts = 0;
let refused = 0;
let underWay = 0;
let mostUnderWay = 0;
/** By grant: how often it was refreshed. One that is not here never was. */
const rotations = new Map<string, number>();
const ended = new Set<string>();
let refreshedNow = new Map<string, number>();

const server = createServer(async (request, response) => {
  posts += 1;
  underWay += 1;
  mostUnderWay = Math.max(mostUnderWay, underWay);
  const parameters = new URLSearchParams(await readBody(request));
  const [, grant = "", turn] =
    /^r\.([^.]+)\.(\d+)$/.exec(parameters.get("refresh_token") ?? "") ?? [];
  const answer = refresh(grant, Number(turn));
  await delay(latencyMs);
  underWay -= 1;
  const body = Buffer.from(JSON.stringify(answer));
  response.writeHead("error" in answer ? 400 : 200, {
    "content-type": "application/json",
    "content-length": body.byteLength,
  });
  response.end(body);
});
server.keepAliveTimeout = 600_000;

/** @param turn how often the grant was refreshed */
function refreshTokenOf(grant: string, turn: number): string {
  return `r.${grant}.${turn}`;
}

/** Decided on arrival, as the first of two that come together wins. */
function refresh(grant: string, turn: number): Record<string, unknown> {
  refreshedNow.set(grant, (refreshedNow.get(grant) ?? 0) + 1);
  if (ended.has(grant) || turn !== (rotations.get(grant) ?? 0)) {
    refused += 1;
    ended.add(grant);
    return { error: "invalid_grant", error_description: "This refresh token was used before." };
  }
  rotations.set(grant, turn + 1);
  return {
    access_token: `a.${grant}.${turn + 1}.${"x".repeat(200)}`,
    refresh_token: refreshTokenOf(grant, turn + 1),
    token_type: "Bearer",
    expires_in: 3 * 24 * 3_600,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

const commands = {
  async tokenEndpoint(): Promise<string> {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  },
  /** The first refresh token of each. */
  async issue(grants: string[]): Promise<string[]> {
    return grants.map((grant) => refreshTokenOf(grant, 0));
  },
  async setLatency(ms: number) {
    latencyMs = ms;
  },
  /** What was seen since the last time this was asked. */
  async takeCounts() {
    const times = [...refreshedNow.values()];
    const taken = {
      posts,
      refused,
      mostUnderWay,
      grants: refreshedNow.size,
      /** Grants for which more than one request came. */
      askedTwice: times.filter((count) => count > 1).length,
      ended: ended.size,
    };
    posts = 0;
    refused = 0;
    mostUnderWay = 0;
    refreshedNow = new Map();
    return taken;
  },
};
export type LeanProvider = typeof commands;

server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => serve(commands));
