import { countUsers } from "@/lib/db/user";
import { handlePublic } from "@/lib/http/handle";
import { installationId } from "@/lib/http/installation";

/** Answers when the process runs and the database answers. */
export const GET = handlePublic(async ({ app }) => {
  await countUsers(app.db);
  return { ok: true, installation: installationId(app.env) };
});
