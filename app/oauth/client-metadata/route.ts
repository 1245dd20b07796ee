import { clientDocument } from "@/lib/authorization/client-document";
import { handlePublic } from "@/lib/http/handle";

/** The address of this document is Usher's client ID; whoever reads it may keep it for an hour. */
export const GET = handlePublic(async ({ app }) =>
  Response.json(clientDocument(app), { headers: { "cache-control": "public, max-age=3600" } }),
);
