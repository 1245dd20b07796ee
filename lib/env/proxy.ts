import { isIP } from "node:net";
import { isHostName, readList } from "@/lib/env/forms";
import { decodedPart, hasStraySecret, parseUrl } from "@/lib/parse-url";

/** The proxy for everything outbound. Contains a secret: never logged. */
export interface OutboundProxyEnv {
  /** http or https, without user and password. */
  origin: string;
  /** The Proxy-Authorization it requires; null: none. */
  authorization: string | null;
  /** Hosts that are reached without it, in lower case; see `routeOf` in lib/net/proxy.ts. */
  exceptions: readonly string[];
}

type Optional = (name: string) => string | null;

/** Only from our own variables: HTTP_PROXY and the like may be set for other programs. */
export function readOutboundProxy(optional: Optional, problems: string[]): OutboundProxyEnv | null {
  const address = optional("OUTBOUND_PROXY_URL");
  const exceptions = readExceptions(optional("OUTBOUND_NO_PROXY"), problems);
  if (address === null) return null;
  const url = parseUrl(address);
  const isProxy = url !== null && /^https?:$/.test(url.protocol);
  if (url?.protocol.startsWith("socks")) {
    problems.push("OUTBOUND_PROXY_URL must be an HTTP proxy: Usher does not speak SOCKS.");
    return null;
  }
  if (isProxy && hasStraySecret(url)) {
    problems.push(
      "OUTBOUND_PROXY_URL cannot be read. Percent-encode special characters in user and password, such as %23 for #, %2F for / and %5C for \\.",
    );
    return null;
  }
  if (!isProxy || url.pathname !== "/" || url.search !== "" || url.hash !== "") {
    problems.push(
      "OUTBOUND_PROXY_URL must be the proxy's address, such as http://proxy.example.com:3128. A user and password may come before the host; a path may not follow it.",
    );
    return null;
  }
  const [user, password] = [decodedPart(url.username), decodedPart(url.password)];
  if (user === null || password === null) {
    problems.push(
      "OUTBOUND_PROXY_URL has a user or password with a “%” that must be written as %25.",
    );
    return null;
  }
  const credentials = Buffer.from(`${user}:${password}`).toString("base64");
  return {
    origin: url.origin,
    authorization: user === "" && password === "" ? null : `Basic ${credentials}`,
    exceptions,
  };
}

function readExceptions(list: string | null, problems: string[]): string[] {
  const entries = readList(list);
  const wrong = entries.findIndex((entry) => !isException(entry));
  if (wrong !== -1) {
    problems.push(
      `OUTBOUND_NO_PROXY: entry ${wrong + 1} is no host. Write names, addresses or networks such as 10.0.0.0/8, separated by commas, without https://.`,
    );
  }
  return entries;
}

function isException(entry: string): boolean {
  if (entry === "*" || isIP(entry)) return true;
  const [network = "", length, ...more] = entry.split("/");
  if (length !== undefined) {
    const bits = isIP(network) === 6 ? 128 : 32;
    return isIP(network) > 0 && /^\d+$/.test(length) && Number(length) <= bits && more.length === 0;
  }
  const [, host = "", port = "0"] = /^(.+?|\[[\da-f:.]+\])(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const address = /^\[(.+)\]$/.exec(host)?.[1];
  const isHost =
    address === undefined ? isHostName(host.replace(/^\*?\./, "")) : isIP(address) === 6;
  return (isHost || isIP(host) === 4) && Number(port) <= 65_535;
}
