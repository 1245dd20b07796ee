import { assistantServer } from "@/lib/assistants/assistant";
import { modelQuestions } from "@/lib/chat/model/tools/unsendable-tools";
import { readModelSetup } from "@/lib/db/models/model-setup";
import { handle } from "@/lib/http/handle";

type Params = { assistantId: string; serverId: string };

/** What an admin has to know about the tools of one of its servers. */
export const GET = handle<Params>("assistants.manage", async ({ app, params }) =>
  assistantServer(
    { ...app, ...modelQuestions(await readModelSetup(app.db, app.env.model)) },
    params,
  ),
);
