import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type LocalHttpServer,
  listening,
  startHttpServer,
} from "@/tests/support/local-http-server";

const here = (name: string) => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));

/** In a separate process, which trusts the certificate or does not. */
async function get(
  url: string,
  trusting: boolean,
  variables: Record<string, string> = {},
): Promise<string> {
  const env = {
    ...process.env,
    ...variables,
    NODE_EXTRA_CA_CERTS: trusting ? here("certificate.pem") : "",
  };
  const node = promisify(execFile);
  const { stdout } = await node(process.execPath, ["--import", "tsx", here("get.ts"), url], {
    env,
  });
  return stdout;
}

describe("over TLS", () => {
  let server: LocalHttpServer;

  beforeAll(async () => {
    const options = {
      key: readFileSync(here("key.pem")),
      cert: readFileSync(here("certificate.pem")),
    };
    server = await listening(
      createServer(options, (request, response) => {
        const { servername } = request.socket as TLSSocket;
        response.end(`${servername} ${request.headers.host}`);
      }),
    );
  });
  afterAll(() => server.close());

  test("the name stays in SNI, Host and the certificate, although the address was pinned", async () => {
    const url = `https://mcp.example.test:${server.port}/`;
    expect(await get(url, true)).toBe(`200 mcp.example.test mcp.example.test:${server.port}\n`);
  });

  test("no proxy from the environment is used, whatever names it", async () => {
    const proxy = await startHttpServer((_, response) => response.end());
    const names = ["http_proxy", "https_proxy", "all_proxy"];
    const variables = Object.fromEntries(
      [...names, ...names.map((name) => name.toUpperCase())].map((name) => [name, proxy.origin]),
    );
    const url = `https://mcp.example.test:${server.port}/`;
    const answer = await get(url, true, { ...variables, NODE_USE_ENV_PROXY: "1", no_proxy: "" });
    expect(answer).toMatch(/^200 mcp\.example\.test/);
    expect(proxy.connections()).toBe(0);
    await proxy.close();
  });

  test("a certificate for another name, or an untrusted one, is rejected", async () => {
    const [otherName, unknown] = await Promise.all([
      get(`https://other.example.test:${server.port}/`, true),
      get(`https://mcp.example.test:${server.port}/`, false),
    ]);
    const refused = "^tls UnreachableError: .* has no certificate that Usher can trust";
    expect(otherName).toMatch(new RegExp(`${refused}: it is for another name`));
    expect(unknown).toMatch(new RegExp(`${refused}\\..* NODE_EXTRA_CA_CERTS`));
  });

  test("a server that speaks plain text at its port is not said to have a bad certificate", async () => {
    const plain = await startHttpServer((_, response) => response.end());
    const { port } = new URL(plain.origin);
    expect(await get(`https://mcp.example.test:${port}/`, true)).toMatch(
      /^tls UnreachableError: .* does not speak TLS as Usher does\. It may speak plain text/,
    );
    await plain.close();
  });
});
