import { chatContext } from "@/lib/app/chat-context";
import { stopTurn } from "@/lib/chat/conversations";
import { handle } from "@/lib/http/handle";

export const POST = handle<{ conversationId: string }>("chat.use", ({ app, user, params }) =>
  stopTurn(chatContext(app), user, params.conversationId),
);
