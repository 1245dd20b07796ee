import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

export interface LoadBalancer {
  /** How often no one answered at a replica that was considered ready. */
  readonly refusals: number;
  /** Resolves when the replica at this port is used as usual (or, with false, is left alone). */
  until(port: number, isReady: boolean): Promise<void>;
  close(): Promise<void>;
}

const probeEveryMs = 200;
/** A busy machine is slow, not dead. */
const probeMs = 10_000;

/**
 * Passes requests to replicas in turn, only to those whose `/api/health/ready` answers 200, as load balancers do.
 * If a replica does not accept the connection, so that nothing was sent, it takes the next.
 */
export async function startLoadBalancer(
  port: number,
  replicas: readonly number[],
): Promise<LoadBalancer> {
  const ready = new Map(replicas.map((replica) => [replica, false]));
  let turn = 0;
  let refusals = 0;
  let isOpen = true;

  const probes = replicas.map(async (replica) => {
    while (isOpen) {
      ready.set(replica, await isReady(replica));
      await new Promise((resolve) => setTimeout(resolve, probeEveryMs));
    }
  });

  const handOn = (incoming: IncomingMessage, outgoing: ServerResponse, tried: number[]): void => {
    const able = replicas.filter((each) => ready.get(each) && !tried.includes(each));
    const replica = able[turn++ % able.length];
    if (replica === undefined) {
      outgoing.writeHead(502).end("no replica");
      return;
    }
    const { method, url: path, headers } = incoming;
    const onward = request(
      { host: "127.0.0.1", port: replica, method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        // So that the start of a stream is not held back.
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        answer.once("error", () => outgoing.destroy());
      },
    );
    onward.once("error", (error: NodeJS.ErrnoException) => {
      refusals += 1;
      if (error.code === "ECONNREFUSED" && !outgoing.headersSent) {
        handOn(incoming, outgoing, [...tried, replica]);
      } else if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end(`replica: ${error.code}`);
    });
    outgoing.once("close", () => {
      // Once it is over, its connection may belong to another request.
      if (!outgoing.writableFinished) onward.destroy();
    });
    incoming.pipe(onward);
  };

  const server = createServer((incoming, outgoing) => handOn(incoming, outgoing, []));
  await new Promise<void>((resolve) => server.listen(port, "localhost", resolve));
  return {
    get refusals() {
      return refusals;
    },
    async until(replica, wanted) {
      const giveUpAt = Date.now() + 60_000;
      while (ready.get(replica) !== wanted) {
        if (Date.now() > giveUpAt) throw new Error(`Replica ${replica} is not ${wanted}.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async close() {
      isOpen = false;
      server.closeAllConnections();
      server.close();
      await Promise.all(probes);
    },
  };
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request(
      { host: "127.0.0.1", port, path: "/api/health/ready", timeout: probeMs, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    probe.once("timeout", () => probe.destroy());
    probe.once("error", () => resolve(false));
    probe.end();
  });
}
