import { countUsers } from "@/lib/db/user";
import { handlePublic } from "@/lib/http/handle";
import { installationId } from "@/lib/http/installation";

const noStore = { "cache-control": "no-store" };

/** Ready: the process runs, is not about to end, and the database answers. */
export const GET = handlePublic(async ({ app }) => {
  if (app.stopping.aborted) {
    return Response.json({ ok: false, reason: "stopping" }, { status: 503, headers: noStore });
  }
  await countUsers(app.db);
  return { ok: true, installation: installationId(app.env) };
});
