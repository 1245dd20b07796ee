import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { watchOpenRequests } from "@/lib/http/open-requests";

const requests = watchOpenRequests();
let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Whether it has resolved, after everything that could resolve it soon has had its turn. */
async function isOver(work: Promise<void>): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 150));
  return Promise.race([work.then(() => true), later]);
}

it("waits until an open request starts its response, and not for later requests", async () => {
  const held: (() => void)[] = [];
  const url = await serve(
    (_, response) => void held.push(() => response.writeHead(200).write("…")),
  );
  const early = fetch(url);
  await expect.poll(() => held.length).toBe(1);
  const answered = requests.answered();
  const late = fetch(url);
  await expect.poll(() => held.length).toBe(2);

  expect(await isOver(answered)).toBe(false);
  held[0]?.();
  expect((await early).status).toBe(200);
  await answered;
  held[1]?.();
  await late;
});

it("waits for nothing if nothing is open", async () => {
  const url = await serve((_, response) => void response.end("done"));
  await (await fetch(url)).text();
  expect(await isOver(requests.answered())).toBe(true);
});

it("does not wait for a client that has disconnected", async () => {
  let arrived = 0;
  const url = await serve(() => {
    arrived += 1;
  });
  const gone = new AbortController();
  const asked = fetch(url, { signal: gone.signal }).catch(() => {});
  await expect.poll(() => arrived).toBe(1);
  const answered = requests.answered();
  gone.abort();
  await asked;
  await answered;
});
