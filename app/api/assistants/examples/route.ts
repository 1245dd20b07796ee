import { chatContext } from "@/lib/app/chat-context";
import { proposeExamples } from "@/lib/chat/examples/propose-examples";
import { exampleProposalInput } from "@/lib/contracts/assistant";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";
import { chatTurnsPerUser, enforceRateLimit } from "@/lib/session/rate-limit";

/** Proposes example sentences for a form's current values. Nothing is saved. */
export const POST = handle("assistants.manage", async ({ app, user, request }) => {
  // Each may cost as much as a turn.
  await enforceRateLimit(app, chatTurnsPerUser, user.id);
  const input = await readJson(request, exampleProposalInput);
  return proposeExamples(chatContext(app), input, { signal: request.signal });
});
