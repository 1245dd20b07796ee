import { chatContext } from "@/lib/app/chat-context";
import { deleteConversation, readConversation, renameConversation } from "@/lib/chat/conversations";
import { renameConversationInput } from "@/lib/contracts/chat/chat";
import { handle } from "@/lib/http/handle";
import { readJson } from "@/lib/http/read-input";

type Params = { conversationId: string };

export const GET = handle<Params>("chat.use", ({ app, user, params }) =>
  readConversation(chatContext(app), user, params.conversationId),
);

export const PATCH = handle<Params>("chat.use", async ({ app, user, params, request }) => {
  const { title } = await readJson(request, renameConversationInput);
  return renameConversation(chatContext(app), user, params.conversationId, title);
});

export const DELETE = handle<Params>("chat.use", ({ app, user, params }) =>
  deleteConversation(chatContext(app), user, params.conversationId),
);
