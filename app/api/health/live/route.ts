import { handlePublic } from "@/lib/http/handle";
import { installationId } from "@/lib/http/installation";

/**
 * The process runs. It says nothing about the database: a restart would not fix that. Usher recognizes itself
 * behind a URL by the names in the response.
 */
export const GET = handlePublic(
  async ({ app: { env, instanceId } }) => ({
    ok: true,
    installation: installationId(env),
    instance: instanceId,
  }),
  { answersBeforeStart: true },
);
