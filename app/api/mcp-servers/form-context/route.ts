import { callbackUrl } from "@/lib/authorization/client-document";
import { handle } from "@/lib/http/handle";

export const GET = handle("servers.manage", async ({ app }) => ({
  callbackUrl: callbackUrl(app.env.publicUrl),
  clientMetadataUrl: app.discovery.clientMetadataUrl,
  stdioUnavailable: app.rules.stdioUnavailable,
  stdioMode: app.stdio.mode,
  allowHttpLoopback: app.env.allowHttpLoopback,
}));
