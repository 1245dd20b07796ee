import * as z from "zod";
import {
  type VendorServer,
  type VendorServerTile,
  vendorServer,
  vendorServerTile,
} from "@/lib/contracts/catalogue/vendor-server";
import { matchVendorServer } from "@/lib/contracts/catalogue/vendor-server-url";
import servers from "./servers.json";

let read: readonly VendorServer[] | null = null;

type Entries = readonly VendorServer[];

/**
 * The official remote MCP servers that Usher knows, by name.
 *
 * @param own a company's entries; one with the same id replaces ours
 */
export function vendorServers(own: Entries = []): Entries {
  read ??= byName(z.array(vendorServer).parse(servers));
  if (own.length === 0) return read;
  const replaced = new Set(own.map(({ id }) => id));
  return byName([...own, ...read.filter(({ id }) => !replaced.has(id))]);
}

function byName(entries: Entries): Entries {
  return entries.toSorted((one, other) => one.name.localeCompare(other.name, "en"));
}

export function vendorServerTiles(own: Entries = []): VendorServerTile[] {
  return vendorServers(own).map((server) => vendorServerTile.parse(server));
}

export function vendorServerById(id: string, own: Entries = []): VendorServer | null {
  return vendorServers(own).find((server) => server.id === id) ?? null;
}

/**
 * The entry of an MCP server's URL. If only the host is known, it is the entry with the most similar start of the path,
 * so that a discontinued URL finds its replacement.
 */
export function vendorServerFor(url: string, own: Entries = []): VendorServer | null {
  return findVendorServer(vendorServers(own), url);
}

export function findVendorServer(
  servers: readonly VendorServer[],
  url: string,
): VendorServer | null {
  const sameHost = servers.filter((server) => matchVendorServer(server, url) !== null);
  // The longer of two matches is the more specific one, such as a product's server below its vendor's.
  const [best] = sameHost.toSorted((one, other) => rank(other, url) - rank(one, url));
  return best ?? null;
}

function rank(server: VendorServer, url: string): number {
  const exact = matchVendorServer(server, url) === "exact";
  const alike = [...server.url].findIndex((letter, at) => letter !== url[at]);
  return exact ? 10_000 + server.url.length : alike === -1 ? server.url.length : alike;
}
