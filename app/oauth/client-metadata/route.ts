import { clientDocument } from "@/lib/authorization/client-document";
import { handlePublic } from "@/lib/http/handle";

/** The URL of this document is Usher's client ID; readers may cache it for an hour. */
export const GET = handlePublic(async ({ app }) =>
  Response.json(clientDocument(app), { headers: { "cache-control": "public, max-age=3600" } }),
);
