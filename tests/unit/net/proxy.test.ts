import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { OutboundRefusedError, UnreachableError } from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { routeOf } from "@/lib/net/proxy";
import {
  type LocalHttpServer,
  listening,
  startHttpServer,
} from "@/tests/support/local-http-server";
import {
  type OutboundProxy,
  type ProxyBehaviour,
  startOutboundProxy,
} from "@/tests/support/outbound-proxy";

let proxy: OutboundProxy;
const opened: { close(): Promise<void> }[] = [];

beforeEach(async () => {
  proxy = await startOutboundProxy();
});
afterEach(async () => {
  await Promise.all([proxy, ...opened.splice(0)].map((one) => one.close()));
});

const password = "p-ss-w0rd";
const unknown = async () => {
  throw Object.assign(new Error("nobody knows it"), { code: "ENOTFOUND" });
};

function fetchBy(
  options: Parameters<typeof createOutboundAgent>[1] = {},
  exceptions: string[] = [],
  policy = { allowHttpLoopback: true, allowedPrivateHosts: ["10.255.255.1"] },
) {
  const authorization = `Basic ${Buffer.from(`usher:${password}`).toString("base64")}`;
  const agent = createOutboundAgent(policy, {
    resolve: unknown,
    proxy: { origin: proxy.origin, authorization, exceptions },
    ...options,
  });
  opened.push(agent);
  return createOutboundFetch(agent);
}

const failure = (promise: Promise<unknown>): Promise<Error & { userMessage: string }> =>
  promise.then(
    () => new Error("it succeeded"),
    (error: unknown) => error,
  ) as never;

describe("the route of a request", () => {
  const via = (url: string, ...exceptions: string[]) => {
    const { protocol, hostname, port } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return routeOf({ protocol, host, port: Number(port) || 443 }, { exceptions }).via;
  };

  test.each([
    ["https://mcp.example.com", []],
    ["https://mcp.example.com", ["example.org", "other.example.com", "ample.com"]],
    ["https://example.com", [".example.com"]],
    ["https://example.com", ["*.example.com"]],
    ["https://10.1.2.3", ["10.2.0.0/16", "10.1.2.4", "example.com"]],
    ["https://[2001:db8::1]", ["2001:db8:1::/48"]],
    ["https://mcp.example.com:8443", ["example.com:9443"]],
    ["https://mcp.example.com", ["127.0.0.1"]],
  ])("%s goes through the proxy, with the exceptions %j", (url, exceptions) => {
    expect(via(url, ...exceptions)).toBe("proxy");
  });

  test.each([
    ["https://mcp.example.com", ["mcp.example.com"]],
    ["https://mcp.example.com", ["example.com"]],
    ["https://mcp.example.com", [".example.com"]],
    ["https://mcp.example.com", ["*.example.com"]],
    ["https://mcp.example.com", ["*"]],
    ["https://mcp.example.com:8443", ["example.com:8443"]],
    ["https://10.1.2.3", ["10.0.0.0/8"]],
    ["https://10.1.2.3", ["10.1.2.3"]],
    ["https://10.1.2.3:8443", ["10.1.2.3:8443"]],
    ["https://[2001:db8:1::7]", ["2001:db8:1::/48"]],
    ["https://[2001:db8:1::7]", ["2001:0db8:0001::7"]],
    ["https://localhost:3000", []],
    ["https://app.localhost", []],
    ["https://127.0.0.1", []],
    ["http://localhost:3000", []],
  ])("%s goes directly, with the exceptions %j", (url, exceptions) => {
    expect(via(url, ...exceptions)).toBe("direct");
  });
});

describe("the guard, with a proxy", () => {
  test.each([
    ["https://10.0.0.1/mcp", "private network"],
    ["https://192.168.1.1/", "private network"],
    ["https://169.254.169.254/latest/meta-data", "reserved"],
    ["https://[fd00:ec2::254]/", "reserved"],
    ["https://[::ffff:10.0.0.1]/", "private network"],
    ["https://0x0a000001/", "private network"],
    ["http://mcp.example.com/", "https only"],
    ["https://user:pass@mcp.example.com/", "user name and password"],
  ])("refuses %s, and does not ask the proxy for it", async (url, told) => {
    const refused = await failure(fetchBy()(url));
    expect(refused).toBeInstanceOf(OutboundRefusedError);
    expect(refused.userMessage).toContain(told);
    expect(proxy.asked).toEqual([]);
  });

  test.each(["10.0.0.7", "127.0.0.1", "169.254.169.254", "::1"])(
    "refuses a name that this network resolves to %s",
    async (address) => {
      const resolve = async () => [{ address, family: address.includes(":") ? 6 : 4 }];
      const refused = await failure(fetchBy({ resolve })("https://inside.example.com/"));
      expect(refused).toBeInstanceOf(OutboundRefusedError);
      expect(proxy.asked).toEqual([]);
    },
  );

  test("leaves loopback to the guard alone, whatever the proxy could reach there", async () => {
    const strict = { allowHttpLoopback: false, allowedPrivateHosts: [] };
    for (const url of ["https://localhost/", "https://127.0.0.1/", "https://[::1]/"]) {
      expect(await failure(fetchBy({}, [], strict)(url))).toBeInstanceOf(OutboundRefusedError);
    }
    const own = await startHttpServer((_, response) => response.end("own"));
    opened.push(own);
    expect(await (await fetchBy()(own.origin)).text()).toBe("own");
    expect(proxy.asked).toEqual([]);
  });

  test("asks for a listed private host, and for names that this network cannot resolve", async () => {
    proxy.behaviour = { kind: "refuses", status: 502 };
    const send = fetchBy();
    await failure(send("https://10.255.255.1/mcp"));
    await failure(send("https://mcp.example.com:8443/mcp"));
    await failure(send("https://[2606:4700::1111]/mcp"));
    expect(proxy.asked).toEqual([
      "10.255.255.1:443",
      "mcp.example.com:8443",
      "[2606:4700::1111]:443",
    ]);
  });

  test("does not wait for a DNS server that never answers", async () => {
    proxy.behaviour = { kind: "refuses", status: 502 };
    const send = fetchBy({ resolve: () => new Promise(() => {}) });
    expect(await failure(send("https://mcp.example.com/"))).toMatchObject({ reason: "proxy" });
  });
});

describe("a failing proxy is reported as the proxy", () => {
  test.each<[ProxyBehaviour, RegExp]>([
    [{ kind: "refuses", status: 407 }, /wants another user and password \(407\)/],
    [{ kind: "refuses", status: 403 }, /does not let Usher connect to mcp\.example\.com \(403\)/],
    [{ kind: "refuses", status: 502 }, /could not connect to mcp\.example\.com \(502\)/],
    [{ kind: "refuses", status: 504 }, /could not connect to mcp\.example\.com \(504\)/],
    [{ kind: "refuses", status: 302 }, /does not let Usher connect/],
    [{ kind: "resets" }, /could not be reached/],
    [{ kind: "answers", text: "SSH-2.0-OpenSSH_9.6\r\n" }, /could not be reached/],
    [{ kind: "hangs" }, /did not connect to mcp\.example\.com in time/],
  ])("%j", async (behaviour, told) => {
    proxy.behaviour = behaviour;
    // Only the one that hangs may run out of time, even on a busy machine.
    const send = fetchBy({ connectTimeoutMs: behaviour.kind === "hangs" ? 300 : 30_000 });
    const failed = await failure(send("https://mcp.example.com/mcp"));
    expect(failed).toBeInstanceOf(UnreachableError);
    expect(failed).toMatchObject({ reason: "proxy" });
    expect(failed.userMessage).toMatch(told);
    expect(failed.userMessage).toContain(`outbound proxy ${new URL(proxy.origin).host}`);
    const everything = `${failed.stack} ${JSON.stringify(failed)} ${String(failed.cause)}`;
    expect(everything).not.toContain(password);
    expect(everything).not.toContain(Buffer.from(`usher:${password}`).toString("base64"));
  });

  test("down", async () => {
    const send = fetchBy();
    await proxy.close();
    const failed = await failure(send("https://mcp.example.com/mcp"));
    expect(failed).toMatchObject({ reason: "proxy" });
    expect(failed.userMessage).toMatch(/could not be reached, so mcp\.example\.com was not asked/);
  });
});

describe("over TLS", () => {
  const here = (name: string) => fileURLToPath(new URL(`./tls/${name}`, import.meta.url));
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

  /** In a process that trusts the certificate. */
  async function get(url: string, way: "guarded" | "operator", exceptions = ""): Promise<string> {
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: here("certificate.pem"),
      OUTBOUND_PROXY_URL: proxy.origin.replace("://", "://us%40er:p%3Ass@"),
      OUTBOUND_NO_PROXY: exceptions,
    };
    const node = promisify(execFile);
    const args = ["--import", "tsx", here("get.ts"), url, way];
    return (await node(process.execPath, args, { env })).stdout;
  }

  test.each(["guarded", "operator"] as const)(
    "the %s way goes through the proxy, which sees only the host and receives its credentials",
    async (way) => {
      const url = `https://mcp.example.test:${server.port}/path?query`;
      expect(await get(url, way)).toBe(`200 mcp.example.test mcp.example.test:${server.port}\n`);
      expect(proxy.asked).toEqual([`mcp.example.test:${server.port}`]);
      const sent = Buffer.from("us@er:p:ss").toString("base64");
      expect(proxy.credentials).toEqual([`Basic ${sent}`]);
    },
  );

  test("an exception is reached without the proxy", async () => {
    const url = `https://mcp.example.test:${server.port}/`;
    expect(await get(url, "guarded", "example.test")).toMatch(/^200 mcp\.example\.test/);
    expect(proxy.asked).toEqual([]);
  });

  test("a certificate for another name is rejected, and attributed to the server", async () => {
    const url = `https://other.example.test:${server.port}/`;
    expect(await get(url, "guarded")).toMatch(/^tls .*other\.example\.test/);
    expect(proxy.asked).toHaveLength(1);
  });
});
