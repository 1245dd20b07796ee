import { assistantServer } from "@/lib/assistants/assistant";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { handle } from "@/lib/http/handle";

type Params = { assistantId: string; serverId: string };

/** What an admin has to know of the tools of one of its servers. */
export const GET = handle<Params>("assistants.manage", ({ app, params }) =>
  assistantServer({ ...app, ...modelQuestions(app.env.model) }, params),
);
