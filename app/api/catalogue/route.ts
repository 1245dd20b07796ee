import { vendorServerTiles } from "@/lib/catalogue/catalogue";
import { handle } from "@/lib/http/handle";

/** The vendors' MCP servers to choose from. */
export const GET = handle("servers.manage", async ({ app }) => ({
  servers: vendorServerTiles(app.env.ownServers),
}));
