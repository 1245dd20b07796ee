import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import type { OutboundProxyEnv } from "@/lib/env/proxy";
import { OutboundRefusedError } from "@/lib/errors";
import { checkAddress, type OutboundPolicy } from "@/lib/net/policy";
import { openTunnel, routeOf } from "@/lib/net/proxy";

/** The addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>;

export interface DispatcherOptions {
  resolve?: Resolve;
  connectTimeoutMs?: number;
  proxy?: OutboundProxyEnv | null;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** For all headers of a response, in bytes: some gateways send policies that are longer than Node's 16 KiB. */
const maxHeaderSize = 64 * 1024;
/** A network that reaches the internet only by its proxy may have no DNS for other names. */
const LOCAL_LOOKUP_MS = 2000;

/** Connects only where `policy` permits. It reads no proxy from the environment and keeps no cookies. */
export function createGuardedDispatcher(policy: OutboundPolicy, options: DispatcherOptions): Agent {
  const resolve = options.resolve ?? ((host) => lookup(host, { all: true }));
  const timeout = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const direct = guardedConnector(policy, resolve, timeout);
  const { proxy } = options;
  if (!proxy) return new Agent({ connect: direct, maxHeaderSize });
  const checked = (wanted: Wanted) => checkBeforeProxy(wanted, policy, resolve);
  return new Agent({ connect: proxiedConnector(proxy, direct, checked, timeout), maxHeaderSize });
}

/** For addresses that the operator set, which need no guard: through the proxy, or directly. */
export function createProxiedDispatcher(proxy: OutboundProxyEnv): Agent {
  const direct = buildConnector({ timeout: CONNECT_TIMEOUT_MS });
  return new Agent({
    connect: proxiedConnector(proxy, direct, async () => {}, CONNECT_TIMEOUT_MS),
    maxHeaderSize,
  });
}

type Wanted = { host: string; protocol: string };

function proxiedConnector(
  proxy: OutboundProxyEnv,
  direct: buildConnector.connector,
  check: (wanted: Wanted) => Promise<void>,
  timeout: number,
): buildConnector.connector {
  const secure = buildConnector({ timeout });
  return (target, callback) => {
    const { protocol, hostname } = target;
    const host = hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
    const port = Number(target.port) || 443;
    if (routeOf({ protocol, host, port }, proxy).via === "direct") {
      direct(target, callback);
      return;
    }
    check({ host, protocol })
      .then(() => openTunnel(proxy, { host, port }, timeout))
      .then(
        // Without a host to look up: TLS goes over the tunnel, and still verifies the name.
        (httpSocket) => secure({ ...target, httpSocket } as buildConnector.Options, callback),
        (error: Error) => callback(error, null),
      );
  };
}

/**
 * What the proxy may be asked for. It resolves names itself, so a name's addresses are checked as far as
 * they are known here: addresses that this network calls private are not requested. Which of its own networks the
 * proxy then connects to is up to the proxy.
 *
 * @throws {OutboundRefusedError}
 */
async function checkBeforeProxy(
  wanted: Wanted,
  policy: OutboundPolicy,
  resolve: Resolve,
): Promise<void> {
  const addresses = isIP(wanted.host) ? [wanted.host] : await knownHere(wanted.host, resolve);
  for (const address of addresses) {
    const decision = checkAddress(address, wanted, policy);
    if (!decision.allowed) throw new OutboundRefusedError(decision.userMessage);
  }
}

async function knownHere(host: string, resolve: Resolve): Promise<string[]> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<[]>((done) => {
    timer = setTimeout(() => done([]), LOCAL_LOOKUP_MS);
  });
  const found = resolve(host).catch(() => []);
  const addresses = await Promise.race([found, patience]);
  clearTimeout(timer);
  return addresses.map(({ address }) => address);
}

/**
 * The check is part of resolving: the socket connects to the very addresses that were checked, and the
 * DNS is not queried a second time (rebinding). TLS still verifies the name, and `Host` still contains it.
 * A literal address is never resolved, so it is checked before.
 */
function guardedConnector(
  policy: OutboundPolicy,
  resolve: Resolve,
  timeout: number,
): buildConnector.connector {
  const connectorFor = (protocol: string) =>
    buildConnector({ timeout, lookup: checkedLookup(protocol, policy, resolve) });
  const connectors = { http: connectorFor("http:"), https: connectorFor("https:") };

  return (target, callback) => {
    if (isIP(target.hostname)) {
      const wanted = { host: target.hostname, protocol: target.protocol };
      const decision = checkAddress(target.hostname, wanted, policy);
      if (!decision.allowed) {
        const refusal = new OutboundRefusedError(decision.userMessage);
        queueMicrotask(() => callback(refusal, null));
        return;
      }
    }
    connectors[target.protocol === "https:" ? "https" : "http"](target, callback);
  };
}

/** @throws through the callback {@link OutboundRefusedError} if any of the addresses is refused. */
function checkedLookup(protocol: string, policy: OutboundPolicy, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    const host = hostname.replace(/\.$/, "");
    resolve(hostname).then(
      (addresses) => {
        for (const { address } of addresses) {
          const decision = checkAddress(address, { host, protocol }, policy);
          if (!decision.allowed) {
            callback(new OutboundRefusedError(decision.userMessage), []);
            return;
          }
        }
        const [first] = addresses;
        if (!first) callback(Object.assign(new Error("no address"), { code: "ENOTFOUND" }), []);
        else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
