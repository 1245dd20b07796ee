import { handlePublic } from "@/lib/http/handle";
import { publicKeySet } from "@/lib/servers/client-keys";

/** The public keys of what Usher signs. Whoever reads them may keep them for an hour. */
export const GET = handlePublic(async ({ app }) =>
  Response.json(await publicKeySet(app), { headers: { "cache-control": "public, max-age=3600" } }),
);
