import { readAuthorizationLink } from "@/lib/authorization/link";
import { cancelLink } from "@/lib/authorization/open-link";
import { handle } from "@/lib/http/handle";

type Params = { serverId: string; authorizationId: string };

export const GET = handle<Params>("connections.use", ({ app, user, params }) =>
  readAuthorizationLink(app, user, params),
);

export const DELETE = handle<Params>("connections.use", ({ app, user, params }) =>
  cancelLink(app, user, params),
);
