import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import type { CallOutcome } from "@/tests/support/refresh-worker";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import { type Account, connect, connectMany, introspect } from "./accounts";
import { tell } from "./figures";
import { sized } from "./sizes";
import {
  certificateFile,
  gatewayHost,
  startGateway,
  type TokenEndpointGateway,
} from "./token-endpoint-gateway";

const minute = 60_000;
const lifetime = 60 * minute;
const outage = 30 * minute;
const sweepEvery = 5 * minute;
const accountCount = sized(8, 40);

let provider: AuthorizationServer;
let gateway: TokenEndpointGateway;
let usher: Installation;
let worker: RefreshWorker;
let accounts: Account[];
/** By the worker's clock, from the start of the trial. */
let aheadMs = 0;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: lifetime / 1000 });
  gateway = await startGateway(provider.tokenEndpoint);
  usher = await startInstallation();
  const admin = await usher.join("ADMIN");
  // This process does not trust the gateway's certificate; the worker does.
  const outbound: OutboundFetch = (_, init) => usher.app.outbound(provider.tokenEndpoint, init);
  const direct = { ...usher, app: { ...usher.app, outbound } };
  const { tokenEndpoint } = gateway;
  accounts = await connectMany(accountCount, () =>
    connect(direct, admin, provider, { tokenEndpoint }),
  );
  worker = await RefreshWorker.start(
    { env: usher.env, localHosts: [gatewayHost] },
    { trusting: certificateFile },
  );
});
afterAll(async () => {
  await worker.kill();
  await usher.close();
  await gateway.close();
  await provider.close();
});

const failing = (fault: EndpointFault) => ({
  begin: async () => provider.failNextTokenRequests(Number.POSITIVE_INFINITY, fault),
  end: async () => provider.stopFailing(),
});

const outages = [
  ["503", failing({ kind: "status", status: 503 })],
  ["503 with invalid_grant", failing({ kind: "status", status: 503, error: "invalid_grant" })],
  ["429", failing({ kind: "status", status: 429, retryAfter: "120" })],
  ["resets", failing({ kind: "reset" })],
  [
    "DNS failure",
    {
      begin: async () => worker.run("breakDns", { broken: true }),
      end: async () => worker.run("breakDns", { broken: false }),
    },
  ],
  [
    "TLS failure",
    { begin: async () => gateway.present("expired"), end: async () => gateway.present("good") },
  ],
] as const;

async function advance(ms: number): Promise<void> {
  aheadMs += ms;
  await worker.run("setClock", { ms: aheadMs });
}

const sweep = () => worker.run("sweep", { concurrency: 64, claimForMs: 60_000 });
const callAll = () => worker.run("callEach", { owners: accounts.map(({ owner }) => owner) });
const countTokens = () =>
  usher.app.db.storedTokenSet.count({ where: { refreshTokenSealed: { not: null } } });

interface Seen {
  prompts: number;
  served: number;
  triedLater: number;
  /** The lowest number of refresh tokens stored at any time. */
  fewestTokens: number;
}

function see(seen: Seen, outcomes: CallOutcome[]): void {
  for (const { token, error } of outcomes) {
    if (error === "authorization_required") seen.prompts += 1;
    else if (error === "try_later") seen.triedLater += 1;
    else if (token !== null) seen.served += 1;
    else throw new Error(`A call failed with ${error}.`);
  }
}

/** Calls every minute, a sweep every five. The tokens expire halfway through. */
async function live(): Promise<Seen> {
  const seen: Seen = { prompts: 0, served: 0, triedLater: 0, fewestTokens: accountCount };
  for (let at = 0; at <= outage; at += minute) {
    if (at % sweepEvery === 0) await sweep();
    see(seen, await callAll());
    seen.fewestTokens = Math.min(seen.fewestTokens, await countTokens());
    await advance(minute);
  }
  return seen;
}

describe("30 minutes of", () => {
  it.each(outages)(
    "%s cost no consent and no token, and heal within one sweep",
    async (what, { begin, end }) => {
      // Whatever happened before: fresh tokens with a quarter of an hour left.
      await advance(lifetime);
      await sweep();
      await advance(lifetime - 15 * minute);
      await begin();
      gateway.endConnections();
      const requestsBefore = provider.requests.length;
      const seen = await live();
      const asked = provider.requests.length - requestsBefore;
      await end();
      gateway.endConnections();

      // The next sweep runs five minutes after the last one, and no one calls before it.
      await advance(sweepEvery - minute);
      const healing = await sweep();
      const outcomes = await callAll();
      tell(
        `30 min of ${what}, ${accountCount} accounts, sweep every 5 min, calls every minute: 0 prompts, 0 tokens dropped, healed within one sweep`,
        `${seen.prompts} prompts, ${accountCount - seen.fewestTokens} dropped, ${healing.refreshed} of ${accountCount} healed; ${seen.served} calls served, ${seen.triedLater} told to try later, ${asked} requests seen`,
      );
      expect(seen.prompts).toBe(0);
      expect(seen.fewestTokens).toBe(accountCount);
      expect(seen.served).toBeGreaterThan(0);
      expect(seen.triedLater).toBeGreaterThan(0);
      expect(healing).toEqual({ refreshed: accountCount, failed: 0, deferred: 0, remaining: 0 });
      const active = await Promise.all(
        outcomes.map(({ token }) => introspect(provider, token ?? "")),
      );
      expect(active.every((each) => each.active)).toBe(true);
      expect(
        await usher.app.db.storedTokenSet.count({ where: { lastRefreshError: { not: null } } }),
      ).toBe(0);
    },
  );
});
