import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { expect, test } from "@/tests/e2e/fixtures";
import { freePort, startNextServer } from "@/tests/e2e/next-server";
import { newConversation, sendTurn } from "@/tests/e2e/operations/served-accounts";

test("a turn that reached a replica before load balancers knew of its stop is answered", async ({
  people,
  playwright,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  const conversation = await newConversation(admin, "Guide");
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const replica = await startNextServer(port, { ...stage.env });
  const direct = await playwright.request.newContext({
    baseURL: url,
    storageState: await admin.storageState(),
    extraHTTPHeaders: { origin: stage.url },
  });
  const database = new Client({ connectionString: stage.env.DATABASE_URL });
  await database.connect();
  try {
    const ready = async () => (await fetch(`${url}/api/health/ready`)).status;
    for (const _ of [1, 2, 3]) {
      expect(await ready()).toBe(200);
      await sleep(200);
    }
    // Who sends the turn is looked up in a table that somebody holds for a while.
    await database.query('BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE');
    const turn = sendTurn(direct, conversation, "Hello", 60_000);
    await expect
      .poll(async () => {
        const waiting = await database.query("SELECT 1 FROM pg_locks WHERE NOT granted");
        return waiting.rowCount;
      })
      .toBeGreaterThan(0);

    const stopped = replica.stop();
    await expect.poll(ready).toBe(503);
    expect(await ready(), "told twice").toBe(503);
    await sleep(2_000);
    await database.query("COMMIT");
    const answer = await turn;
    expect(answer.status(), await answer.text()).toBe(200);
    await stopped;
  } finally {
    await database.end();
    await direct.dispose();
    await replica.stop();
  }
});
