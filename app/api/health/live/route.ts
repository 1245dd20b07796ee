import { handlePublic } from "@/lib/http/handle";
import { installationId } from "@/lib/http/installation";

/**
 * The process runs. It says nothing of the database: a restart would not mend that. By its names Usher
 * recognizes itself behind an address.
 */
export const GET = handlePublic(
  async ({ app: { env, instanceId } }) => ({
    ok: true,
    installation: installationId(env),
    instance: instanceId,
  }),
  { answersBeforeStart: true },
);
