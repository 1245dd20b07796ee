import { registryVersionsInput } from "@/lib/contracts/catalogue/registry";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";
import { registryVersions } from "@/lib/registry/registry";

/** The versions of one server. Its name contains a slash, so it is part of the query. */
export const GET = handle("servers.manage", async ({ app, request }) => {
  const { outbound, env } = app;
  const { name } = readQuery(request, registryVersionsInput);
  return registryVersions({ outbound, registryUrl: env.registryUrl }, name);
});
