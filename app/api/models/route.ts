import { viewModels } from "@/lib/chat/model/providers/view-models";
import { handle } from "@/lib/http/handle";

/** It contains no key. */
export const GET = handle("models.manage", ({ app }) => viewModels(app));
