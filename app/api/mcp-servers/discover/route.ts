import { vendorServerFor } from "@/lib/catalogue/catalogue";
import { discoverInput } from "@/lib/contracts/servers/discovery";
import { discoveryEvents } from "@/lib/discovery/discovery-events";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { jsonLines } from "@/lib/http/responses";

export const maxDuration = 60;

/** Discovers how to authorize at the MCP server of a URL: one JSON object per line, the result last. */
export const POST = handle("servers.manage", async ({ app, request }) => {
  const { url } = await readJson(request, discoverInput);
  const ctx = { ...app.discovery, log: app.log, vendorServerFor };
  return jsonLines(discoveryEvents(url, ctx, request.signal));
});
