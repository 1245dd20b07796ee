import { revokeMany } from "@/lib/authorization/revoke-many";
import { consoleRevokeInput } from "@/lib/contracts/connections/connection-console";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { noticesChanged } from "@/lib/notices/notices-changed";

export const maxDuration = 60;

/** For admins: ends anyone's connections, and reports the outcome of each. */
export const POST = handle("connections.manage", async ({ app, user, request }) => {
  const { connectionIds } = await readJson(request, consoleRevokeInput);
  const result = await revokeMany(app, user, connectionIds);
  noticesChanged(app, "any");
  return result;
});
