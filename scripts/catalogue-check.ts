// Checks the catalogue of vendors' MCP servers (lib/catalogue/servers.json).
//   npm run catalogue:check              Whether each entry is complete and consistent; nothing is requested
//   npm run catalogue:check -- --live    Also asks each server for its public metadata, and reports where they differ
// Exits with 1 if an entry is wrong or differs. Old entries are a warning.

import { parseArgs } from "node:util";
import pLimit from "p-limit";
import { z } from "zod";
import { vendorServers } from "@/lib/catalogue/catalogue";
import { type EntryProblem, entryProblems, oldEntries } from "@/lib/catalogue/check";
import { driftOf } from "@/lib/catalogue/drift";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import { type DiscoveryContext, discoveryLimits } from "@/lib/discovery/context";
import { discoverQuietly } from "@/lib/discovery/discover";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { checkUrl } from "@/lib/net/policy";

const atOnce = 6;
const eachMs = 30_000;

const { values } = parseArgs({ options: { live: { type: "boolean", default: false } } });

process.exit(await main());

async function main(): Promise<number> {
  const servers = readServers();
  if (servers === null) return 1;
  const problems = entryProblems(servers);
  print(problems);
  print(oldEntries(servers, new Date()));
  const drifted = values.live ? await askAll(servers) : 0;
  const wrong = new Set(problems.map(({ id }) => id)).size;
  console.log(
    `${servers.length} entries, ${wrong} wrong${values.live ? `, ${drifted} differ` : ""}.`,
  );
  return wrong + drifted > 0 ? 1 : 0;
}

function readServers(): readonly VendorServer[] | null {
  try {
    return vendorServers();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    console.error(z.prettifyError(error));
    return null;
  }
}

function print(problems: readonly EntryProblem[]): void {
  for (const { id, message } of problems) console.log(`${id}: ${message}`);
}

/** @returns how many differ */
async function askAll(servers: readonly VendorServer[]): Promise<number> {
  const policy = { allowHttpLoopback: false, allowedPrivateHosts: [] };
  const ctx: DiscoveryContext = {
    outbound: createOutboundFetch(createOutboundAgent(policy), discoveryLimits),
    checkUrl: (url) => checkUrl(url, policy),
    clientMetadataUrl: null,
  };
  // A customer's own host cannot be reached from here.
  const asked = servers.filter(({ urlParts }) => urlParts.length === 0);
  const limit = pLimit(atOnce);
  const differ = await limit.map(asked, async (server) => {
    const signal = AbortSignal.timeout(eachMs);
    const drift = driftOf(server, await discoverQuietly(server.url, { ...ctx, signal }));
    print(drift.map((message) => ({ id: server.id, message })));
    return drift.length > 0;
  });
  return differ.filter(Boolean).length;
}
