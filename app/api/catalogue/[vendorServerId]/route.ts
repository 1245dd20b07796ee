import { vendorServerById } from "@/lib/catalogue/catalogue";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ vendorServerId: string }>("servers.manage", async ({ app, params }) => {
  const server = vendorServerById(params.vendorServerId, app.env.ownServers);
  if (!server) throw new NotFoundError("The catalogue has no server of this ID.");
  return server;
});
