import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server on 127.0.0.1 whose URL is known before its handler is set. */
export interface LoopbackListener {
  /** Origin without a trailing slash, such as `http://127.0.0.1:4321`. */
  readonly url: string;
  readonly port: number;
  /** Until this is called every request is answered with 503. */
  serve(handler: RequestListener): void;
  /** Ends open connections too: a streaming client must not keep the process alive. */
  close(): Promise<void>;
}

/**
 * @param port 0 takes any free port.
 * @throws the `listen` error (`EADDRINUSE`) if the port is taken.
 */
export async function openLoopbackListener(port = 0): Promise<LoopbackListener> {
  let handler: RequestListener = (_request, response) => {
    response.writeHead(503).end();
  };
  const server = createServer((request, response) => handler(request, response));
  // A kept connection that Node closes after 5 s of silence can be reused by a client at that very
  // moment, which shows up as a random reset in a test.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    serve: (next) => {
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
