import { afterAll, beforeAll, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { type IdentityProvider, startIdentityProvider } from "@/demo/identity-provider";
import { createServer } from "@/lib/servers/save";
import { exchangeNow } from "@/lib/tokens/refresh-now";
import {
  type Installation,
  publicUrl,
  startInstallation,
  startProvider,
} from "@/tests/support/installation";
import { comeBack, startOidc } from "@/tests/support/oidc-browser";
import { consent } from "@/tests/support/provider-consent";
import { RefreshWorker } from "@/tests/support/refresh-workers";
import { nowhere, oauthServerInput } from "@/tests/support/server-input";
import { introspect } from "./accounts";
import { ms, quantile, tell } from "./figures";
import { sized } from "./sizes";

const processes = 4;
const callersEach = 250;
const latencyMs = 200;
const rounds = sized(3, 20);
const lifetimeMs = 600_000;
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

let idp: IdentityProvider;
let provider: AuthorizationServer;
let usher: Installation;
let workers: RefreshWorker[] = [];
let owner: { serverId: string; ownerKey: string };

beforeAll(async () => {
  idp = await startIdentityProvider({ redirectUris: [`${publicUrl}/api/auth/callback/oidc`] });
  provider = await startProvider({
    accessTokenLifetime: lifetimeMs / 1000,
    identityProvider: idp,
  });
  idp.connect({
    ...{ issuer: provider.issuer, clientId: provider.clientId },
    resources: () => [nowhere],
  });
  idp.assign("ada", provider.issuer);
  usher = await startInstallation({
    env: { ...idp.env, OIDC_KEEP_TOKENS: "1", OIDC_TRUST_EMAIL: "1" },
  });
  await usher.join("ADMIN");
  const browser = await usher.join("MEMBER");
  const authorizationUrl = new URL(await startOidc(browser));
  await comeBack(browser, await consent({ authorizationUrl, person: "ada" }));
  const { app } = usher;
  const { id: ownerKey } = await app.db.user.findFirstOrThrow({
    where: { email: "ada@practice.example" },
  });
  const oauth = { tokenSharing: "ORGANIZATION", grantType: "ID_JAG" } as const;
  owner = { ownerKey, serverId: await createServer(app, oauthServerInput(provider, { oauth })) };
  expect(await exchangeNow(app, owner)).toMatchObject({ outcome: "refreshed" });
  workers = await Promise.all(
    Array.from({ length: processes }, () => RefreshWorker.start({ env: usher.env })),
  );
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await usher.close();
  await provider.close();
  await idp.close();
});

it("serves 1,000 callers in 4 processes with one exchange per round, when the exchanged token has expired", async () => {
  idp.setTokenEndpointLatency(latencyMs);
  provider.setTokenEndpointLatency(latencyMs);
  const walls: number[] = [];
  let served = 0;
  for (let round = 1; round <= rounds; round++) {
    idp.forgetRequests();
    provider.forgetRequests();
    const ahead = { ms: round * (lifetimeMs + 60_000) };
    await Promise.all(workers.map((worker) => worker.run("setClock", ahead)));
    const at = Date.now() + 100;
    const call = { owner, callers: callersEach, at };
    const answers = await Promise.all(workers.map((worker) => worker.run("call", call)));
    const outcomes = answers.flat();
    const tokens = new Set(outcomes.map(({ token }) => token));
    expect(outcomes.filter(({ error }) => error !== null)).toEqual([]);
    expect(tokens.size).toBe(1);
    expect([idp.tokenRequests[tokenExchange], provider.tokenRequests[jwtBearer]]).toEqual([1, 1]);
    const [token = null] = tokens;
    expect(await introspect(provider, token ?? "")).toMatchObject({ active: true, sub: "ada" });
    served += outcomes.length;
    walls.push(Math.max(...outcomes.map(({ endedAt }) => endedAt)) - at);
  }
  tell(
    `exchange herd, ${processes} × ${callersEach}, ${rounds} rounds, latency ${latencyMs} ms for each of two requests: 1 exchange a round, all served`,
    `${rounds} exchanges, ${served} served, wall p50 ${ms(quantile(walls, 0.5))}, max ${ms(Math.max(...walls))}`,
  );
});
