import { handle } from "@/lib/http/handle";
import { rotateSigningSecret } from "@/lib/webhooks/manage";

/** The response contains the new signing secret, once. */
export const POST = handle<{ webhookId: string }>("webhooks.manage", ({ app, user, params }) =>
  rotateSigningSecret(app, user, params.webhookId),
);
