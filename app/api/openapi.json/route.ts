import { handlePublic } from "@/lib/http/handle";
import { openApiDocument } from "@/lib/openapi/document";
import packageJson from "@/package.json";

/** Public, so that tools can read it without a key. It reveals nothing beyond the source code. */
export const GET = handlePublic(async ({ app }) =>
  openApiDocument({ publicUrl: app.env.publicUrl, version: packageJson.version }),
);
