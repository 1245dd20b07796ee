import { chatContext } from "@/lib/app/chat-context";
import { createConversation, listConversations } from "@/lib/chat/conversations";
import { conversationListQuery, newConversationInput } from "@/lib/contracts/chat/chat";
import { handle } from "@/lib/http/handle";
import { readJson, readQuery } from "@/lib/http/read-input";

export const GET = handle("chat.use", async ({ app, user, request }) =>
  listConversations(chatContext(app), user, readQuery(request, conversationListQuery)),
);

export const POST = handle("chat.use", async ({ app, user, request }) => {
  const { assistantId } = await readJson(request, newConversationInput);
  const conversation = await createConversation(chatContext(app), user, assistantId);
  return Response.json(conversation, { status: 201 });
});
