import { z } from "zod";
import {
  type VendorServer,
  type VendorServerTile,
  vendorServer,
  vendorServerTile,
} from "@/lib/contracts/servers/vendor-server";
import servers from "./servers.json";

let read: readonly VendorServer[] | null = null;

/** The official remote MCP servers that Usher knows, by name. */
export function vendorServers(): readonly VendorServer[] {
  read ??= z
    .array(vendorServer)
    .parse(servers)
    .toSorted((one, other) => one.name.localeCompare(other.name, "en"));
  return read;
}

export function vendorServerTiles(): VendorServerTile[] {
  return vendorServers().map((server) => vendorServerTile.parse(server));
}

export function vendorServerById(id: string): VendorServer | null {
  return vendorServers().find((server) => server.id === id) ?? null;
}
