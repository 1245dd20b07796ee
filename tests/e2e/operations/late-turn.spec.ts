import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { APIRequestContext } from "@playwright/test";
import { Client } from "pg";
import type { TurnInput } from "@/lib/contracts/chat/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { freePort, startNextServer } from "@/tests/e2e/next-server";
import { newConversation } from "@/tests/e2e/operations/served-accounts";

test("a turn that reaches a stopping replica before the load balancers know is answered", async ({
  people,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  const path = `/api/chat/conversations/${await newConversation(admin, "Guide")}/turn`;
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const replica = await startNextServer(port, { ...stage.env });
  const database = new Client({ connectionString: stage.env.DATABASE_URL });
  await database.connect();
  try {
    const ready = async () => (await fetch(`${url}/api/health/ready`)).status;
    for (const _ of [1, 2, 3]) {
      expect(await ready()).toBe(200);
      await sleep(200);
    }
    const headers = { ...(await sessionHeaders(admin)), origin: stage.url };
    // The sender of the turn is looked up in a table that is locked, for less than a statement may take.
    await database.query('BEGIN; LOCK TABLE "User" IN ACCESS EXCLUSIVE MODE');
    const stopped = replica.stop();
    await expect.poll(ready).toBe(503);
    const turn = sendTurnTo(url + path, headers);
    await turn.arrived;
    expect(await ready(), "told twice, so that nobody sends a turn any more").toBe(503);
    await sleep(700);
    await database.query("COMMIT");
    expect(await turn.answered).toMatchObject({ status: 200 });
    await stopped;
  } finally {
    await database.end();
    await replica.stop();
  }
});

async function sessionHeaders(api: APIRequestContext): Promise<Record<string, string>> {
  const { cookies } = await api.storageState();
  return { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
}

/** A server answers "100 Continue" once it has read the headers, so `arrived` means that the request has arrived. */
function sendTurnTo(url: string, headers: Record<string, string>) {
  const input: TurnInput = { kind: "send", messageId: crypto.randomUUID(), text: "Hello" };
  const sent = request(url, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", expect: "100-continue" },
  });
  const answered = new Promise<{ status?: number; body: string }>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", async (response) => {
      const body = (await response.setEncoding("utf8").toArray()).join("");
      resolve({ status: response.statusCode, body });
    });
  });
  const arrived = new Promise<void>((resolve, reject) => {
    answered.catch(reject);
    sent.on("continue", () => {
      sent.end(JSON.stringify(input));
      resolve();
    });
  });
  sent.flushHeaders();
  return { arrived, answered };
}
