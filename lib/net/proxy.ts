import http from "node:http";
import https from "node:https";
import { BlockList, isIP, type Socket } from "node:net";
import type { OutboundProxyEnv } from "@/lib/env/proxy";
import { UnreachableError } from "@/lib/errors";

export type Route = {
  via: "proxy" | "direct";
  /** `loopback`: behind the proxy that would be the proxy's own machine. `plain_http`: no tunnel, no proxy. */
  reason: "internet" | "no_proxy" | "loopback" | "plain_http" | "exception";
};

interface Target {
  /** `https:` or `http:`. */
  readonly protocol: string;
  /** Without brackets, in lower case. */
  readonly host: string;
  readonly port: number;
}

/**
 * How a host is reached. An exception is a name, which includes every name below it; a name with `.` or
 * `*.` before it, which means only those below it; an address; a network (10.0.0.0/8); or `*`. A port may
 * follow (host:8443).
 */
export function routeOf(
  { protocol, host, port }: Target,
  proxy: Pick<OutboundProxyEnv, "exceptions"> | null,
): Route {
  if (proxy === null) return { via: "direct", reason: "no_proxy" };
  if (protocol !== "https:") return { via: "direct", reason: "plain_http" };
  if (isLoopback(host)) return { via: "direct", reason: "loopback" };
  return proxy.exceptions.some((entry) => names(entry, host, port))
    ? { via: "direct", reason: "exception" }
    : { via: "proxy", reason: "internet" };
}

function isLoopback(host: string): boolean {
  return /^(.*\.)?localhost\.?$|^127\.|^::1$/.test(host);
}

function names(entry: string, host: string, port: number): boolean {
  if (entry === "*") return true;
  if (isIP(host))
    return isIP(entry) ? inNetwork(host, `${entry}/`) : namesAddress(entry, host, port);
  const [, name = "", wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && Number(wantedPort) !== port) return false;
  const asked = host.replace(/\.$/, "");
  const below = name.replace(/^\*?\./, "").replace(/\.$/, "");
  return asked.endsWith(`.${below}`) || (!/^[*.]/.test(name) && asked === below);
}

function namesAddress(entry: string, host: string, port: number): boolean {
  if (entry.includes("/")) return inNetwork(host, entry);
  const [, address = "", wantedPort] = /^\[?([\da-f:.]*?)\]?(?::(\d+))?$/.exec(entry) ?? [];
  const isPort = wantedPort === undefined || Number(wantedPort) === port;
  return isPort && isIP(address) > 0 && inNetwork(host, `${address}/`);
}

function inNetwork(host: string, network: string): boolean {
  const [address = "", length] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (isIP(address) !== isIP(host)) return false;
  const list = new BlockList();
  list.addSubnet(address, length ? Number(length) : family === "ipv6" ? 128 : 32, family);
  return list.check(host, family);
}

/**
 * A connection to `host:port` through the proxy, with TLS on top: the proxy passes bytes that it
 * cannot read, and sees only host and port.
 *
 * @throws {UnreachableError} `proxy`: reported as the proxy's failure. It names only the proxy's host, whose
 *   user and password never appear in a message.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 */
export function openTunnel(
  proxy: OutboundProxyEnv,
  { host, port }: Pick<Target, "host" | "port">,
  timeoutMs: number,
): Promise<Socket> {
  const url = new URL(proxy.origin);
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const { authorization } = proxy;
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) => {
      request.destroy();
      reject(proxyFailed(url.host, what, cause));
    };
    const request = (url.protocol === "https:" ? https : http).request({
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port || (url.protocol === "https:" ? 443 : 80),
      method: "CONNECT",
      path: authority,
      headers: {
        host: authority,
        "user-agent": "Usher",
        ...(authorization === null ? {} : { "proxy-authorization": authorization }),
      },
      agent: false,
      setHost: false,
    });
    const timer = setTimeout(() => fail(`did not connect to ${host} in time.`), timeoutMs);
    request.once("connect", ({ statusCode = 0 }, socket: Socket, head: Buffer) => {
      clearTimeout(timer);
      socket.on("error", () => {});
      if (statusCode >= 200 && statusCode <= 299) {
        if (head.byteLength > 0) socket.unshift(head);
        resolve(socket);
        return;
      }
      socket.destroy();
      fail(refusal(statusCode, host));
    });
    request.once("response", ({ statusCode = 0 }) => {
      clearTimeout(timer);
      fail(refusal(statusCode, host));
    });
    request.once("error", (cause) => {
      clearTimeout(timer);
      fail(`could not be reached, so ${host} was not asked.`, cause);
    });
    request.end();
  });
}

function refusal(status: number, host: string): string {
  if (status === 407) return "wants another user and password (407).";
  if (status >= 500) return `could not connect to ${host} (${status}).`;
  return `does not let Usher connect to ${host} (${status}). It can be allowed there, or added to OUTBOUND_NO_PROXY.`;
}

function proxyFailed(proxyHost: string, what: string, cause: unknown): UnreachableError {
  return new UnreachableError(
    "proxy",
    `The outbound proxy ${proxyHost} ${what} Whoever runs Usher checks the proxy and OUTBOUND_PROXY_URL.`,
    // Node's errors contain addresses, and never the request's headers.
    { cause },
  );
}
