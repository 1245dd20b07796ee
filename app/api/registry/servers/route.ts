import { registrySearchInput } from "@/lib/contracts/catalogue/registry";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { searchRegistry } from "@/lib/registry/registry";

/** Servers of the operator's MCP registry. It receives no request until someone searches. */
export const GET = handle("servers.manage", async ({ app, request }) => {
  const { outbound, env } = app;
  const input = readQuery(request, registrySearchInput);
  return searchRegistry({ outbound, registryUrl: env.registryUrl }, input);
});
