import { viewModels } from "@/lib/chat/model/providers/view-models";
import { handle } from "@/lib/http/handle";

/** No key is in it. */
export const GET = handle("models.manage", ({ app }) => viewModels(app));
