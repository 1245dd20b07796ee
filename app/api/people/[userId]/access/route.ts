import { personAccess } from "@/lib/calls/effective-access";
import { handle } from "@/lib/http/handle";

export const GET = handle<{ userId: string }>("access.manage", ({ app, params }) =>
  personAccess(app, params.userId),
);
