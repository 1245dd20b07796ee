import { isIP } from "node:net";

/**
 * The client as the nearest proxy, or Next's own server, saw it: the last entry, which that one added.
 * What stands before it a client may have written itself. So it is as true as the proxy in front is
 * yours: without one, whoever reaches Usher's port can name any address; behind two, it is the address
 * of the first. Null where nothing tells, or where it is no address.
 */
export function clientAddress(headers: Headers): string | null {
  const forwarded = headers.get("x-forwarded-for");
  const last = forwarded?.split(",").at(-1)?.trim() ?? "";
  // Some proxies add the port.
  const address = last.replace(/^\[(.*)\](:\d+)?$/, "$1").replace(/^([\d.]+):\d+$/, "$1");
  return isIP(address) === 0 ? null : address;
}
