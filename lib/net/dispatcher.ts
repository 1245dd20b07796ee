import { lookup } from "node:dns/promises";
import { isIP, type LookupFunction } from "node:net";
import { Agent, buildConnector } from "undici";
import { OutboundRefusedError } from "@/lib/errors";
import { checkAddress, type OutboundPolicy } from "@/lib/net/policy";

/** The addresses of a host name. */
export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>;

export interface DispatcherOptions {
  resolve?: Resolve;
  connectTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** Connects only where `policy` lets it. It reads no proxy from the environment and keeps no cookies. */
export function createGuardedDispatcher(policy: OutboundPolicy, options: DispatcherOptions): Agent {
  const resolve = options.resolve ?? ((host) => lookup(host, { all: true }));
  const timeout = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  return new Agent({ connect: guardedConnector(policy, resolve, timeout) });
}

/**
 * The check is part of resolving: the socket connects to the very addresses that were checked, and
 * nobody asks the DNS a second time (rebinding). The name stays what TLS verifies and `Host` says.
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

/** @throws through the callback {@link OutboundRefusedError} where any one of the addresses is refused. */
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
