import { serverAccess } from "@/lib/calls/effective-access";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ serverId: string }>("access.manage", ({ app, params }) =>
  serverAccess(app, params.serverId),
);
