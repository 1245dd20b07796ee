import { handle } from "@/lib/http/handle";
import { checkPublicUrl } from "@/lib/http/installation";

export const POST = handle("settings.view", async ({ app }) => checkPublicUrl(app));
