import { isIPv4, isIPv6 } from "node:net";

/**
 * `public`: routed on the internet. `loopback`: this machine. `private`: this operator's network.
 * `reserved`: everything else (link-local, cloud metadata, multicast, tunnels, documentation…), which
 * no MCP server or authorization server has any business being at.
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

/** First match wins; what no line names is outside of 2000::/3 and so not public. @see https://www.iana.org/assignments/iana-ipv6-special-registry */
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

/** IPv6 forms of one IPv4 address, which decides. @see https://www.rfc-editor.org/rfc/rfc6052#section-2.1 */
const IPV4_IN_IPV6: readonly [prefix: string, length: number][] = [
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
];

/** What kind of place an IP address is. Text that is no IP address is `reserved`: fail closed. */
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
