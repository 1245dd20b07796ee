import { handlePublic } from "@/lib/http/handle";
import { publicKeySet } from "@/lib/servers/client-keys";

/** The public keys for what Usher signs. Readers may cache them for an hour. */
export const GET = handlePublic(async ({ app }) =>
  Response.json(await publicKeySet(app), { headers: { "cache-control": "public, max-age=3600" } }),
);
