import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "@/tests/e2e/fixtures";
import {
  beginAuthorization,
  connectedServer,
  newConversation,
  newServer,
  sendTurn,
} from "@/tests/e2e/operations/served-accounts";
import type { Stage } from "@/tests/e2e/stage";
import { consent } from "@/tests/support/provider-consent";
import { random } from "@/tests/trials/random";
import { isFull, sized } from "@/tests/trials/sizes";

/** A deployment, or a closed terminal: SIGTERM or SIGHUP at any moment, with a slow provider that rotates refresh tokens. */
const stops = sized(3, 30);
const slowestMs = sized(4_000, 15_000);
const accounts = 12;

test.describe.configure({ timeout: isFull ? 3_600_000 : 180_000 });

test("a stop at any moment loses no grant, repeats no call and leaves no sweep open", async ({
  people,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  const servers: string[] = [];
  for (let n = 0; n < accounts; n++)
    servers.push(await connectedServer(stage, admin, `Account ${n}`));
  await people.assistant("Deploy", { serverId: servers[0] as string });
  const next = random(Date.now() % 100_000);

  for (let run = 0; run < stops; run++) {
    const latencyMs = Math.round(slowestMs * (0.2 + 0.8 * next()));
    const stopAfterMs = Math.round(latencyMs * 1.2 * next());
    await test.step(`run ${run}: a provider of ${latencyMs} ms, stopped after ${stopAfterMs} ms`, async () => {
      await letExpire(stage);
      stage.handbook.forgetRequests();
      stage.provider.forgetRequests();
      const pending = await newServer(stage, admin, `New ${run}`);
      const callback = await consent({
        authorizationUrl: await beginAuthorization(admin, pending),
        person: "ada",
      });
      const conversation = await newConversation(admin, "Deploy");
      stage.provider.setTokenEndpointLatency(latencyMs);

      // None of these callers waits for its response: tabs are closed, a cron request times out.
      const left = [
        leave(admin.get(callback.pathname + callback.search, { maxRedirects: 0, timeout: 500 })),
        leave(sendTurn(admin, conversation, "Read onboarding.md", 700)),
        leave(
          admin.get("/api/cron/refresh-tokens", {
            headers: { authorization: `Bearer ${stage.env.CRON_SECRET}` },
            timeout: 600,
          }),
        ),
      ];
      await sleep(stopAfterMs);
      await stage.stop(run % 2 === 0 ? "SIGTERM" : "SIGHUP");
      await Promise.all(left);
      stage.provider.setTokenEndpointLatency(0);

      const exchanged = stage.provider.tokenRequests.authorization_code ?? 0;
      expect(await stored(stage, pending), "a code that was exchanged is a connection").toBe(
        exchanged,
      );
      expect(await openSweeps(stage), "sweeps that are open").toBe(0);
      expect(await brokenAnswers(stage, conversation), "calls that failed or hang").toBe(0);
      expect(stage.handbook.toolCalls.length, "calls that reached the server").toBeLessThanOrEqual(
        1,
      );

      await stage.start();
      await letExpire(stage);
      const swept = await admin.get("/api/cron/refresh-tokens", {
        timeout: 60_000,
        headers: { authorization: `Bearer ${stage.env.CRON_SECRET}` },
      });
      expect(await swept.json(), "every grant is alive").toMatchObject({ failed: 0, deferred: 0 });
      expect(await lost(stage), "grants that are lost").toBe(0);
      expect((await admin.delete(`/api/mcp-servers/${pending}`)).status()).toBe(204);
    });
  }
});

function leave(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch(() => undefined);
}

/** Every refreshable token is due, for calls and for sweeps. */
async function letExpire(stage: Stage): Promise<void> {
  await stage.query(
    `UPDATE "StoredTokenSet" SET "expiresAt" = now() - interval '1 minute',
       "obtainedAt" = now() - interval '2 hours', "nextRefreshAt" = now() - interval '1 second'
     WHERE "refreshTokenSealed" IS NOT NULL AND "leaseId" IS NULL`,
  );
}

async function stored(stage: Stage, serverId: string): Promise<number> {
  const rows = await stage.query('SELECT 1 FROM "StoredTokenSet" WHERE "serverId" = $1', [
    serverId,
  ]);
  return rows.length;
}

async function lost(stage: Stage): Promise<number> {
  const rows = await stage.query(
    'SELECT 1 FROM "StoredTokenSet" WHERE "refreshTokenSealed" IS NULL',
  );
  return rows.length;
}

async function openSweeps(stage: Stage): Promise<number> {
  return (await stage.query('SELECT 1 FROM "SweepRun" WHERE "finishedAt" IS NULL')).length;
}

async function brokenAnswers(stage: Stage, conversation: string): Promise<number> {
  const rows = await stage.query<{
    parts: { type: string; state?: string; errorText?: string }[];
  }>(`SELECT parts FROM "Message" WHERE "conversationId" = $1 AND role = 'assistant'`, [
    conversation,
  ]);
  const parts = rows.flatMap((row) => row.parts);
  return parts.filter((part) => part.type === "data-turn-error" || isUnanswered(part)).length;
}

/** No person waits longer than 10 seconds for a slow provider: that is a valid response. */
function isUnanswered({
  type,
  state,
  errorText,
}: {
  type: string;
  state?: string;
  errorText?: string;
}) {
  if (!type.startsWith("tool-") && type !== "dynamic-tool") return false;
  return state !== "output-available" && !errorText?.includes("has not answered for 10 seconds");
}
