import { chatContext } from "@/lib/app/chat-context";
import { readOlderMessages } from "@/lib/chat/conversations";
import { messagePageQuery } from "@/lib/contracts/chat/chat";
import { handle } from "@/lib/http/handle";
import { readQuery } from "@/lib/http/read-input";

export const GET = handle<{ conversationId: string }>(
  "chat.use",
  ({ app, user, params, request }) =>
    readOlderMessages(
      chatContext(app),
      user,
      params.conversationId,
      readQuery(request, messagePageQuery),
    ),
);
