import { type AddressInfo, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OutboundRefusedError, UnreachableError } from "@/lib/errors";
import type { Resolve } from "@/lib/net/dispatcher";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import type { OutboundPolicy } from "@/lib/net/policy";
import { privateHosts } from "@/tests/support/private-hosts";

const strict: OutboundPolicy = { allowHttpLoopback: false, allowedPrivateHosts: [] };

/** Names that resolve to such an address in the DNS. */
const RESOLVED: [name: string, addresses: string[]][] = [
  ["localtest.example", ["127.0.0.1"]],
  ["six.example", ["::1"]],
  ["mapped.example", ["::ffff:127.0.0.1"]],
  ["zero.example", ["0.0.0.0"]],
  ["intranet.example", ["10.0.0.7"]],
  ["metadata.google.internal", ["169.254.169.254"]],
  ["one-bad.example", ["93.184.216.34", "127.0.0.1"]],
  ["one-bad-first.example", ["127.0.0.1", "93.184.216.34"]],
  ["scoped.example", ["fe80::1%lo"]],
];

describe("the outbound guard", () => {
  let listener: Server;
  let port = 0;
  let connections = 0;

  beforeAll(async () => {
    // The wildcard address accepts everything that reaches this machine, over IPv4 or IPv6.
    listener = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen({ host: "::", port: 0 }, resolve));
    port = (listener.address() as AddressInfo).port;
  });
  afterAll(() => {
    listener.close();
  });

  async function refusalOf(url: string, resolve?: Resolve): Promise<unknown> {
    const agent = createOutboundAgent(strict, resolve ? { resolve } : {});
    try {
      const response = await createOutboundFetch(agent, { headersTimeoutMs: 2000 })(url);
      return response.status;
    } catch (error) {
      return error;
    } finally {
      await agent.close();
    }
  }

  test("would notice a connection", async () => {
    const before = connections;
    const agent = createOutboundAgent({ ...strict, allowHttpLoopback: true });
    await expect(createOutboundFetch(agent)(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    await agent.close();
    expect(connections).toBe(before + 1);
  });

  test.each(privateHosts)("refuses https and http to %s, and connects nowhere", async (host) => {
    const before = connections;
    for (const scheme of ["https", "http"]) {
      expect(await refusalOf(`${scheme}://${host}:${port}/`)).toBeInstanceOf(OutboundRefusedError);
    }
    expect(connections).toBe(before);
  });

  test.each(RESOLVED)("refuses %s, which stands for %j, and connects nowhere", async (name, to) => {
    const before = connections;
    const addresses = to.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    const refusal = await refusalOf(`https://${name}:${port}/`, async () => addresses);
    expect(refusal).toBeInstanceOf(OutboundRefusedError);
    expect((refusal as OutboundRefusedError).userMessage).toContain(name);
    expect(connections).toBe(before);
  });

  test("refuses a literal address at the connection too, in case a caller skips the URL check", async () => {
    const before = connections;
    const agent = createOutboundAgent(strict);
    for (const host of ["127.0.0.1", "[::1]"]) {
      const options = { origin: `http://${host}:${port}`, path: "/", method: "GET" };
      const dispatcher = await agent.dispatcher();
      await expect(dispatcher.request(options)).rejects.toBeInstanceOf(OutboundRefusedError);
    }
    await agent.close();
    expect(connections).toBe(before);
  });

  test("connects to the address it checked, even if the DNS answer changes immediately", async () => {
    const before = connections;
    // AS112's sink (RFC 7534): a public address where nothing listens on this port.
    const answers = ["192.31.196.1", "127.0.0.1"];
    let asked = 0;
    const rebinding: Resolve = async () => {
      const address = answers[Math.min(asked++, 1)] ?? "";
      return [{ address, family: 4 }];
    };
    const agent = createOutboundAgent(strict, { resolve: rebinding, connectTimeoutMs: 500 });
    const get = () => createOutboundFetch(agent)(`https://rebind.example:${port}/`);
    await expect(get()).rejects.toBeInstanceOf(UnreachableError);
    expect(asked).toBe(1);
    await expect(get()).rejects.toBeInstanceOf(OutboundRefusedError);
    await agent.close();
    expect(connections).toBe(before);
  });
});
