import { vendorServerById } from "@/lib/catalogue/catalogue";
import { NotFoundError } from "@/lib/errors";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ vendorServerId: string }>("servers.manage", async ({ params }) => {
  const server = vendorServerById(params.vendorServerId);
  if (!server) throw new NotFoundError("The catalogue has no server of this ID.");
  return server;
});
