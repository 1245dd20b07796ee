import { isIP, isIPv4, isIPv6 } from "node:net";
import { parseUrl } from "@/lib/parse-url";

/** Where this installation may connect to, beyond public https addresses. */
export interface OutboundPolicy {
  /** For practice and tests: `localhost` and loopback addresses, over http as well as https. */
  readonly allowHttpLoopback: boolean;
  /**
   * Hosts in this operator's network, reached over https although their address is private: a host
   * name, an IP address, or `*.corp.example` for every name below one.
   */
  readonly allowedPrivateHosts: readonly string[];
  /** These hosts also over http, if their address is private or this machine's. */
  readonly allowHttpToPrivateHosts?: boolean;
}

type OutboundRefusal = {
  allowed: false;
  reason: "not_a_url" | "not_https" | "credentials" | "loopback" | "private" | "reserved";
  userMessage: string;
};

export type UrlDecision = { allowed: true; url: URL } | OutboundRefusal;
type AddressDecision = { allowed: true } | OutboundRefusal;

/**
 * Whether Usher may send a request to this URL, as far as the URL alone shows. The addresses that
 * its host name resolves to are decided by {@link checkAddress}, when the connection is made.
 *
 * The URL parser has already turned every spelling of an IPv4 address (decimal, hex, octal, short,
 * full-width digits) into the dotted one.
 *
 * @see https://url.spec.whatwg.org/#host-parsing
 */
export function checkUrl(input: string | URL, policy: OutboundPolicy): UrlDecision {
  const url = input instanceof URL ? input : parseUrl(input);
  if (url === null) {
    return refuse(
      "not_a_url",
      "This is not a URL. Type the whole address, such as https://mcp.example.com/mcp.",
    );
  }
  const host = hostOf(url);
  const httpLoopback = url.protocol === "http:" && policy.allowHttpLoopback && isLoopbackHost(host);
  const httpListed =
    url.protocol === "http:" && policy.allowHttpToPrivateHosts === true && isListed(host, policy);
  if (url.protocol !== "https:" && !httpLoopback && !httpListed) {
    return refuse(
      "not_https",
      "Usher connects over https only, so that tokens cannot be read on the way. Use an address that starts with https://.",
    );
  }
  if (url.username !== "" || url.password !== "") {
    return refuse(
      "credentials",
      `Take the user name and password out of the address of ${host}: an address is shown and logged. Use headers or OAuth to sign in.`,
    );
  }
  if (isIP(host)) {
    const decision = checkAddress(host, { host, protocol: url.protocol }, policy);
    return decision.allowed ? { allowed: true, url } : decision;
  }
  if (isLoopbackHost(host) && !policy.allowHttpLoopback && !isListed(host, policy)) {
    return refuseLoopback(host);
  }
  return { allowed: true, url };
}

/** Whether Usher may connect to this IP address when it was looking for `host` (no brackets) over `protocol`. */
export function checkAddress(
  address: string,
  wanted: { host: string; protocol: string },
  policy: OutboundPolicy,
): AddressDecision {
  const kind = classifyAddress(address);
  // Only a host that is loopback by name: no public name may lead there.
  const loopbackAllowed = policy.allowHttpLoopback && isLoopbackHost(wanted.host);
  const listed = isListed(wanted.host, policy);
  const isNear = kind === "loopback" || kind === "private";
  const httpListed = policy.allowHttpToPrivateHosts === true && listed && isNear;
  if (wanted.protocol !== "https:" && !(kind === "loopback" && loopbackAllowed) && !httpListed) {
    return refuse("not_https", `Usher connects to ${wanted.host} over https only.`);
  }
  switch (kind) {
    case "public":
      return { allowed: true };
    case "loopback":
      return loopbackAllowed || listed ? { allowed: true } : refuseLoopback(wanted.host);
    case "private":
      if (listed) return { allowed: true };
      return refuse(
        "private",
        `${wanted.host} is in a private network, where Usher does not connect unasked. If it is yours, the operator can add it to ALLOWED_PRIVATE_HOSTS.`,
      );
    case "reserved":
      return refuse(
        "reserved",
        `${wanted.host} has a reserved address, where no server can be. Usher does not connect there. Check the address.`,
      );
  }
}

/** The host without the brackets of an IPv6 address and without the trailing dot of an absolute name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
}

/** @see https://www.rfc-editor.org/rfc/rfc6761#section-6.3 */
function isLoopbackHost(host: string): boolean {
  if (isIP(host)) return classifyAddress(host) === "loopback";
  return host === "localhost" || host.endsWith(".localhost");
}

function isListed(host: string, policy: OutboundPolicy): boolean {
  return policy.allowedPrivateHosts.some((entry) => {
    const listed = entry
      .trim()
      .toLowerCase()
      .replace(/^\[(.*)\]$/, "$1");
    return listed.startsWith("*.") ? host.endsWith(listed.slice(1)) : host === listed;
  });
}

function refuseLoopback(host: string): OutboundRefusal {
  return refuse(
    "loopback",
    `${host} is the machine that Usher itself runs on, where it does not connect. Use the server's public https address.`,
  );
}

function refuse(reason: OutboundRefusal["reason"], userMessage: string): OutboundRefusal {
  return { allowed: false, reason, userMessage };
}

/**
 * `public`: routed on the internet. `loopback`: this machine. `private`: this operator's network.
 * `reserved`: everything else (link-local, cloud metadata, multicast, tunnels, documentation…),
 * where no MCP server or authorization server has any business being.
 */
export type AddressKind = "public" | "loopback" | "private" | "reserved";

type Range = readonly [prefix: string, length: number, kind: AddressKind];

/** First match wins. @see https://www.iana.org/assignments/iana-ipv4-special-registry */
const IPV4_RANGES: readonly Range[] = [
  ["127.0.0.0", 8, "loopback"],
  // Alibaba Cloud's metadata service sits inside the carrier-grade NAT range.
  ["100.100.100.200", 32, "reserved"],
  ["10.0.0.0", 8, "private"],
  ["172.16.0.0", 12, "private"],
  ["192.168.0.0", 16, "private"],
  ["100.64.0.0", 10, "private"],
  // "This host": Linux connects it to loopback.
  ["0.0.0.0", 8, "reserved"],
  // Link-local, and with it the metadata service of most clouds.
  ["169.254.0.0", 16, "reserved"],
  // Azure's metadata and health service, at an address that looks public.
  ["168.63.129.16", 32, "reserved"],
  ["192.0.0.0", 24, "reserved"],
  ["192.0.2.0", 24, "reserved"],
  ["192.88.99.0", 24, "reserved"],
  ["198.18.0.0", 15, "reserved"],
  ["198.51.100.0", 24, "reserved"],
  ["203.0.113.0", 24, "reserved"],
  ["224.0.0.0", 3, "reserved"],
];

/**
 * First match wins; anything else lies outside 2000::/3 and is not public. @see
 * https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const IPV6_RANGES: readonly Range[] = [
  ["::1", 128, "loopback"],
  // Metadata services of AWS, Google Cloud and Scaleway, inside the unique-local range.
  ["fd00:ec2::", 32, "reserved"],
  ["fd20:ce::", 32, "reserved"],
  ["fd00:42::", 32, "reserved"],
  ["fc00::", 7, "private"],
  // Protocol assignments: Teredo, benchmarking, ORCHID.
  ["2001::", 23, "reserved"],
  ["2001:db8::", 32, "reserved"],
  // 6to4 wraps any IPv4 address, private ones too, and is withdrawn (RFC 7526).
  ["2002::", 16, "reserved"],
  ["3fff::", 20, "reserved"],
  ["2000::", 3, "public"],
];

/** IPv6 forms of an IPv4 address, which decides. @see https://www.rfc-editor.org/rfc/rfc6052#section-2.1 */
const IPV4_IN_IPV6: readonly [prefix: string, length: number][] = [
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
];

/** The kind of an IP address. Text that is not an IP address is `reserved`: fail closed. */
export function classifyAddress(address: string): AddressKind {
  const withoutZone = address.split("%", 1)[0] ?? "";
  if (isIPv4(withoutZone)) return classifyIPv4(ipv4Bytes(withoutZone));
  if (isIPv6(withoutZone)) return classifyIPv6(ipv6Bytes(withoutZone));
  return "reserved";
}

function classifyIPv4(bytes: readonly number[]): AddressKind {
  for (const [prefix, length, kind] of IPV4_RANGES) {
    if (startsWith(bytes, ipv4Bytes(prefix), length)) return kind;
  }
  return "public";
}

function classifyIPv6(bytes: readonly number[]): AddressKind {
  for (const [prefix, length] of IPV4_IN_IPV6) {
    if (startsWith(bytes, ipv6Bytes(prefix), length)) return classifyIPv4(bytes.slice(12));
  }
  for (const [prefix, length, kind] of IPV6_RANGES) {
    if (startsWith(bytes, ipv6Bytes(prefix), length)) return kind;
  }
  return "reserved";
}

function startsWith(bytes: readonly number[], prefix: readonly number[], bits: number): boolean {
  return prefix.every((expected, index) => {
    const relevant = Math.min(8, Math.max(0, bits - index * 8));
    const mask = (0xff << (8 - relevant)) & 0xff;
    return ((bytes[index] ?? 0) & mask) === (expected & mask);
  });
}

function ipv4Bytes(address: string): number[] {
  return address.split(".").map(Number);
}

function ipv6Bytes(address: string): number[] {
  // A dotted tail ("::ffff:10.0.0.1") is the last two groups in another notation.
  const dotted = /[\d.]+$/.exec(address)?.[0] ?? "";
  const [a = 0, b = 0, c = 0, d = 0] = isIPv4(dotted) ? ipv4Bytes(dotted) : [];
  const hex = isIPv4(dotted)
    ? `${address.slice(0, -dotted.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
    : address;
  const [head = "", tail] = hex.split("::");
  const groups = (part: string) => part.split(":").filter((group) => group !== "");
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
