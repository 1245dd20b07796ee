import { chatContext } from "@/lib/app/chat-context";
import { askAdmin } from "@/lib/chat/tool-calls/ask-admin";
import { handle } from "@/lib/http/handle";
import { noticesChanged } from "@/lib/notices/notices-changed";

type Params = { conversationId: string; pausedToolCallId: string };

/** Asks the admins to authorize the shared account that this call waits for. */
export const POST = handle<Params>("chat.confirm", async ({ app, user, params }) => {
  const call = await askAdmin(chatContext(app), user, params);
  noticesChanged(app, { serverId: call.serverId });
  return call;
});
