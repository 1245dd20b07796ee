import { handle } from "@/lib/http/handle";
import { viewSettings } from "@/lib/support/view-settings";

export const GET = handle("settings.view", ({ app }) => viewSettings(app));
