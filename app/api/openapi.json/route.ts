import { handlePublic } from "@/lib/http/handle";
import { openApiDocument } from "@/lib/openapi/document";
import packageJson from "@/package.json";

/** Also for tools that have no key: it tells what the source code tells. */
export const GET = handlePublic(async ({ app }) =>
  openApiDocument({ publicUrl: app.env.publicUrl, version: packageJson.version }),
);
