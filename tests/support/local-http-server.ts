import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface LocalHttpServer {
  /** Such as `http://127.0.0.1:40123`, without a trailing slash. */
  readonly origin: string;
  readonly port: number;
  /** TCP connections seen so far, whether or not a request came over them. */
  connections(): number;
  /** Connections open now. */
  openConnections(): number;
  close(): Promise<void>;
}

/** A real HTTP server on a free port of 127.0.0.1. Closing it ends every connection. */
export async function startHttpServer(handler: RequestListener): Promise<LocalHttpServer> {
  const server = createServer(handler);
  return listening(server);
}

export async function listening(server: Server): Promise<LocalHttpServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    connections: () => connections,
    openConnections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** The whole body of a request, as text. */
export async function readBody(request: IncomingMessage): Promise<string> {
  let body = "";
  request.setEncoding("utf8");
  for await (const chunk of request) body += chunk;
  return body;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(value));
}
