import { chatContext } from "@/lib/app/chat-context";
import { listChatAssistants } from "@/lib/chat/chat-assistants";
import { handle } from "@/lib/http/handle";

export const GET = handle("chat.use", async ({ app, user }) => ({
  assistants: await listChatAssistants(chatContext(app), user),
}));
