import { isIP, isIPv4, isIPv6 } from "node:net";

/** The sender of a request, as it describes itself. All of it is untrusted. */
export interface Client {
  ipAddress: string | null;
  userAgent: string;
  cookies: Readonly<Record<string, string>>;
}

const longestUserAgent = 400;

export function clientOf(request: Request): Client {
  return {
    ipAddress: clientAddress(request.headers),
    userAgent: readUserAgent(request.headers),
    cookies: readCookies(request),
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc6265#section-4.2 */
export function readCookies(request: Request): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of (request.headers.get("cookie") ?? "").split(";")) {
    const at = pair.indexOf("=");
    if (at < 1) continue;
    const value = pair.slice(at + 1).trim();
    try {
      cookies[pair.slice(0, at).trim()] = decodeURIComponent(value);
    } catch {
      cookies[pair.slice(0, at).trim()] = value;
    }
  }
  return cookies;
}

export function readUserAgent(headers: Headers): string {
  return (headers.get("user-agent") ?? "").slice(0, longestUserAgent);
}

/**
 * The client as seen by the nearest proxy, or Next's own server: the last entry, which that one added.
 * Anything before it a client may have written itself. So it is only as trustworthy as the proxy in
 * front: without one, anyone who reaches Usher's port can name any address; behind two, it is the address
 * of the first. Null if there is none, or if it is not an address.
 */
export function clientAddress(headers: Headers): string | null {
  const forwarded = headers.get("x-forwarded-for");
  const last = forwarded?.split(",").at(-1)?.trim() ?? "";
  // Some proxies add the port.
  const address = last.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1");
  return isIP(address) === 0 ? null : address;
}

/**
 * The network of an address, as text: its first bits. The holder of one address in an IPv6
 * network has billions more, and neighbours in IPv4 are cheap to rent. `unknown` for anything that is not an address.
 */
export function networkOf(address: string | null, bits: { v4: 24 | 32; v6: 48 | 56 }): string {
  if (address === null) return "unknown";
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, "");
  if (isIPv4(plain)) {
    return `${plain
      .split(".")
      .slice(0, bits.v4 / 8)
      .join(".")}/${bits.v4}`;
  }
  if (!isIPv6(plain)) return "unknown";
  const hex = groupsOf(plain)
    .map((group) => group.padStart(4, "0"))
    .join("");
  return `${hex.slice(0, bits.v6 / 4)}/${bits.v6}`;
}

/** The eight groups. Both prefixes lie in the first four, so an IPv4 tail may stay one group short. */
function groupsOf(address: string): string[] {
  const [head = "", tail] = (address.toLowerCase().split("%")[0] ?? "").split("::");
  const before = head === "" ? [] : head.split(":");
  if (tail === undefined) return before;
  const after = tail === "" ? [] : tail.split(":");
  const zeros = Math.max(8 - before.length - after.length, 0);
  return [...before, ...Array.from({ length: zeros }, () => "0"), ...after];
}

/** What counts as one client: an IPv4 address, or one customer's IPv6 network. */
export function clientNetwork(address: string | null): string {
  return networkOf(address, { v4: 32, v6: 56 });
}
