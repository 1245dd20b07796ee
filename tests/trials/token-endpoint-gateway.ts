import { readFileSync } from "node:fs";
import { request as askUpstream, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const pem = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Clients of the gateway have to trust this. */
export const certificateFile = pem("../unit/net/tls/certificate.pem");
export const gatewayHost = "mcp.example.test";

/** Sits in front of the practice provider like its public address: with TLS, and a name. */
export interface TokenEndpointGateway {
  tokenEndpoint: string;
  /** The certificate that new connections see. */
  present(certificate: "good" | "expired"): void;
  /** Like a restart of something in between: the next request needs a new connection. */
  endConnections(): void;
  close(): Promise<void>;
}

export async function startGateway(upstream: string): Promise<TokenEndpointGateway> {
  const key = readFileSync(pem("../unit/net/tls/key.pem"));
  const good = { key, cert: readFileSync(certificateFile) };
  const expired = { key, cert: readFileSync(pem("tls/expired.pem")) };
  const server = createServer(good, (request, response) => pass(upstream, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    tokenEndpoint: `https://${gatewayHost}:${port}/token`,
    present: (certificate) => server.setSecureContext(certificate === "good" ? good : expired),
    endConnections: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pass(upstream: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = askUpstream(upstream, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.on("error", () => response.socket?.destroy());
  request.pipe(onward);
}
