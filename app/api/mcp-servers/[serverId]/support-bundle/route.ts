import { by, insertAuditEvent } from "@/lib/db/audit-event";
import { handle } from "@/lib/http/handle";
import { enforceRateLimit, exportsPerUser } from "@/lib/session/rate-limit";
import { supportBundle } from "@/lib/support/bundle";
import packageJson from "@/package.json";

/** To hand to a provider's support. The export is recorded in the audit. */
export const GET = handle<{ serverId: string }>("servers.manage", async (handled) => {
  const { app, user, params, request } = handled;
  await enforceRateLimit(app, exportsPerUser, user.id);
  const bundle = await supportBundle(app, params.serverId, packageJson.version, request.headers);
  await insertAuditEvent(app.db, {
    action: "server.support-bundle",
    ...by(user),
    serverId: params.serverId,
    serverName: bundle.server.name,
  });
  const name = `usher-support-${app.now().toISOString().slice(0, 10)}.json`;
  return new Response(`${JSON.stringify(bundle, null, 2)}\n`, {
    headers: {
      "content-type": "application/json; charset=utf-8",
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
});
