import { chatContext } from "@/lib/app/chat-context";
import { decidePausedToolCall } from "@/lib/chat/tool-calls/decide-paused-tool-call";
import { pausedToolCallDecision } from "@/lib/contracts/chat/chat";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { conversationId: string; pausedToolCallId: string };

/** Only stored: the `resume` turn that follows carries it out. */
export const POST = handle<Params>("chat.confirm", async ({ app, user, params, request }) => {
  const decision = await readJson(request, pausedToolCallDecision);
  return decidePausedToolCall(chatContext(app), user, params, decision);
});
