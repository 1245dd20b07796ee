import { setTimeout as sleep } from "node:timers/promises";
import type { APIRequestContext } from "@playwright/test";
import { expect, test } from "@/tests/e2e/fixtures";
import { freePort, type NextServer, startNextServer } from "@/tests/e2e/next-server";
import { startLoadBalancer } from "@/tests/e2e/operations/load-balancer";
import { connectedServer, newConversation, sendTurn } from "@/tests/e2e/operations/served-accounts";
import type { Stage } from "@/tests/e2e/stage";
import { tell } from "@/tests/trials/figures";
import { random } from "@/tests/trials/random";
import { isFull, sized } from "@/tests/trials/sizes";

/** A deployment of two replicas behind a load balancer, one after the other, while people work. */
const restarts = sized(3, 50);
const accounts = 3;

test.describe.configure({ timeout: isFull ? 3_600_000 : 300_000 });

test("restarting two replicas one by one under load fails no answer, loses no grant, repeats no call", async ({
  people,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  const servers: string[] = [];
  for (let n = 0; n < accounts; n++) {
    servers.push(await connectedServer(stage, admin, `Account ${n}`));
    await people.assistant(`Assistant ${n}`, { serverId: servers[n] as string });
  }
  // From here on every call refreshes, and the provider rotates each refresh token.
  stage.provider.setAccessTokenLifetime(4);
  await letExpire(stage);
  stage.provider.forgetRequests();
  stage.handbook.forgetRequests();

  await stage.query('DELETE FROM "SweepRun"');
  await stage.stop();
  const ports = [await freePort(), await freePort()];
  const replicas: NextServer[] = [];
  for (const port of ports) replicas.push(await startNextServer(port, { ...stage.env }));
  const balancer = await startLoadBalancer(Number(new URL(stage.url).port), ports);
  try {
    for (const port of ports) await balancer.until(port, true);
    const load = startLoad(admin, stage, accounts);
    const next = random(Date.now() % 100_000);
    for (let run = 0; run < restarts; run++) {
      stage.provider.setTokenEndpointLatency(Math.round(1_500 * next()));
      await sleep(300 + 1_500 * next());
      const at = run % ports.length;
      const port = ports[at] as number;
      await replicas[at]?.stop();
      await balancer.until(port, false);
      replicas[at] = await startNextServer(port, { ...stage.env });
      await balancer.until(port, true);
      // A test's own limits are not under trial.
      await stage.query('DELETE FROM "RateLimit"');
    }
    const seen = await load.stop();
    stage.provider.setTokenEndpointLatency(0);

    expect(seen.failures, "answers that failed").toEqual([]);
    expect(balancer.refusals, "requests to a replica that had closed").toBe(0);
    expect(seen.turns, "turns").toBeGreaterThan(restarts * 2);
    expect(stage.handbook.toolCalls.length, "calls, one for each turn").toBe(seen.turns);
    expect(await brokenParts(stage), "errors and open calls in answers").toEqual([]);
    const refreshes = refreshTokens(stage);
    expect(refreshes.length, "refreshes").toBeGreaterThan(restarts);
    expect(refreshes.length - new Set(refreshes).size, "refresh tokens sent twice").toBe(0);
    expect(await count(stage, `"StoredTokenSet" WHERE "refreshTokenSealed" IS NULL`)).toBe(0);
    const open = () => count(stage, `"SweepRun" WHERE "finishedAt" IS NULL`);
    // A replica's own sweep may be in progress. A sweep of a stopped process would stay open.
    await expect.poll(open, { message: "open sweeps" }).toBe(0);
    expect(await count(stage, `"SweepRun" WHERE "error" IS NOT NULL`), "killed sweeps").toBe(0);

    await letExpire(stage);
    const swept = await admin.get("/api/cron/refresh-tokens", cron(stage));
    expect(await swept.json(), "every grant is alive").toMatchObject({ failed: 0, deferred: 0 });
    tell(
      `rolling restart of two replicas, ${restarts} times: 0 failed answers, 0 lost grants, 0 repeated calls`,
      `${seen.answers} answers, ${seen.turns} turns with a call each, ${refreshes.length} refreshes, ${seen.sweeps} sweeps; 0 of each`,
    );
  } finally {
    await balancer.close();
    for (const replica of replicas) await replica.stop();
    await stage.start();
  }
});

/** Chat turns, each with a tool call; lists; sweeps by a cron job. All of them until `stop`. */
function startLoad(admin: APIRequestContext, stage: Stage, conversations: number) {
  const seen = { answers: 0, turns: 0, sweeps: 0, failures: [] as string[] };
  let goesOn = true;

  const visit = async (what: string, work: () => Promise<string | null>) => {
    const problem = await work().catch((error: Error) => error.message.split("\n")[0] ?? "");
    seen.answers += 1;
    if (problem !== null) seen.failures.push(`${what}: ${problem}`);
  };
  const repeat = async (pauseMs: number, work: () => Promise<void>) => {
    while (goesOn) {
      await work();
      await sleep(pauseMs);
    }
  };
  const get = (path: string) =>
    visit(path, async () => {
      const answer = await admin.get(path, { timeout: 30_000 });
      const text = await answer.text();
      return answer.status() === 200 ? null : `${answer.status()} ${text.slice(0, 200)}`;
    });

  const turns = Array.from({ length: conversations }, async (_, n) => {
    const conversation = await newConversation(admin, `Assistant ${n}`);
    await repeat(100, () =>
      visit("turn", async () => {
        seen.turns += 1;
        const answer = await sendTurn(admin, conversation, "Read onboarding.md", 60_000);
        const text = await answer.text();
        if (answer.status() !== 200) return `${answer.status()} ${text.slice(0, 200)}`;
        if (/"type":"(data-turn-error|error|tool-output-error)"/.test(text))
          return text.slice(-400);
        return /"type":"finish"|\[DONE\]/.test(text) ? null : `cut off: ${text.slice(-200)}`;
      }),
    );
  });
  const others = [
    repeat(60, () => get("/api/mcp-servers")),
    repeat(60, () => get("/api/connections")),
    repeat(90, () => get("/api/chat/assistants")),
    repeat(700, () =>
      visit("sweep", async () => {
        seen.sweeps += 1;
        const answer = await admin.get("/api/cron/refresh-tokens", cron(stage));
        return answer.status() === 200 ? null : `${answer.status()}`;
      }),
    ),
  ];
  return {
    async stop() {
      goesOn = false;
      await Promise.all([...turns, ...others]);
      return seen;
    },
  };
}

function cron(stage: Stage) {
  return { headers: { authorization: `Bearer ${stage.env.CRON_SECRET}` }, timeout: 60_000 };
}

function refreshTokens({ provider }: Stage): string[] {
  return provider.requests
    .filter(
      ({ path, parameters }) => path === "/token" && parameters.grant_type === "refresh_token",
    )
    .map(({ parameters }) => parameters.refresh_token ?? "");
}

/** Every token is due now. */
async function letExpire(stage: Stage): Promise<void> {
  await stage.query(
    `UPDATE "StoredTokenSet" SET "expiresAt" = now() - interval '1 minute',
       "obtainedAt" = now() - interval '2 hours', "nextRefreshAt" = now() - interval '1 second'
     WHERE "refreshTokenSealed" IS NOT NULL AND "leaseId" IS NULL`,
  );
}

async function count(stage: Stage, of: string): Promise<number> {
  return (await stage.query(`SELECT 1 FROM ${of}`)).length;
}

async function brokenParts(stage: Stage): Promise<unknown[]> {
  const rows = await stage.query<{ parts: { type: string; state?: string }[] }>(
    `SELECT parts FROM "Message" WHERE role = 'assistant'`,
  );
  return rows
    .flatMap(({ parts }) => parts)
    .filter(
      ({ type, state }) =>
        type === "data-turn-error" ||
        (/^(tool-|dynamic-tool)/.test(type) && state !== "output-available"),
    );
}
