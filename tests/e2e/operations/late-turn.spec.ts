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
    const waiting = async () =>
      (await database.query("SELECT 1 FROM pg_locks WHERE NOT granted")).rowCount;
    const ready = async () => (await fetch(`${url}/api/health/ready`)).status;
    for (const _ of [1, 2, 3]) {
      expect(await ready()).toBe(200);
      await sleep(200);
    }
    const stopped = replica.stop();
    await expect.poll(ready).toBe(503);
    // Who sends the turn is looked up in a table that somebody holds, for less than a statement may take.
    await database.query('BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE');
    const turn = sendTurn(direct, conversation, "Hello", 60_000);
    await expect.poll(waiting, { intervals: [50] }).toBeGreaterThan(0);
    expect(await ready(), "told twice, so that nobody sends a turn any more").toBe(503);
    await sleep(700);
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
