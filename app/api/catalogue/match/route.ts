import { vendorServerFor } from "@/lib/catalogue/catalogue";
import { vendorServerMatchInput } from "@/lib/contracts/catalogue/vendor-server";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";

/** What the catalogue knows about an MCP server's URL. */
export const GET = handle("servers.manage", async ({ app, request }) => {
  const { url } = readQuery(request, vendorServerMatchInput);
  return { server: vendorServerFor(url, app.env.ownServers) };
});
