import { handle } from "@/lib/http/handle";
import { revokeKey } from "@/lib/session/api-keys/manage";

export const DELETE = handle<{ apiKeyId: string }>("api-keys.manage-own", ({ app, user, params }) =>
  revokeKey(app, user, params.apiKeyId),
);
