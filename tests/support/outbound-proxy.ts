import { createServer, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { type LocalHttpServer, listening } from "./local-http-server";

/** What an outbound proxy does with a CONNECT. */
export type ProxyBehaviour =
  /** Connects to 127.0.0.1 at the requested port, as the name may exist nowhere. */
  | { kind: "connects" }
  | { kind: "refuses"; status: number }
  | { kind: "hangs" }
  | { kind: "resets" }
  | { kind: "answers"; text: string };

export interface OutboundProxy extends LocalHttpServer {
  behaviour: ProxyBehaviour;
  /** Each `host:port` that it was asked to connect to. */
  readonly asked: readonly string[];
  /** Each Proxy-Authorization header. */
  readonly credentials: readonly (string | undefined)[];
}

/** An HTTP proxy on loopback that tunnels by CONNECT. */
export async function startOutboundProxy(
  behaviour: ProxyBehaviour = { kind: "connects" },
): Promise<OutboundProxy> {
  const asked: string[] = [];
  const credentials: (string | undefined)[] = [];
  const tunnels = new Set<Socket>();
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.writeHead(501).end();
  });
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? "");
    credentials.push(request.headers["proxy-authorization"]);
    tunnels.add(socket);
    socket.on("error", () => {});
    answer(proxy.behaviour, request.url ?? "", socket);
  });
  const listener = await listening(server);
  const proxy: OutboundProxy = {
    ...listener,
    behaviour,
    asked,
    credentials,
    close: async () => {
      for (const socket of tunnels) socket.destroy();
      await listener.close();
    },
  };
  return proxy;
}

function answer(behaviour: ProxyBehaviour, authority: string, socket: Socket): void {
  switch (behaviour.kind) {
    case "hangs":
      return;
    case "resets":
      socket.resetAndDestroy();
      return;
    case "refuses":
      socket.end(`HTTP/1.1 ${behaviour.status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    case "answers":
      socket.end(behaviour.text);
      return;
    case "connects": {
      const upstream = connect(Number(authority.split(":").at(-1)), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(upstream).pipe(socket);
      });
      upstream.on("error", () => socket.destroy());
      socket.on("close", () => upstream.destroy());
    }
  }
}
