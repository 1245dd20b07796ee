import * as z from "zod";
import {
  conversationDetail,
  conversationList,
  conversationListQuery,
  messagePage,
  messagePageQuery,
  newConversationInput,
  renameConversationInput,
  turnInput,
} from "@/lib/contracts/chat/chat";
import { chatAssistant } from "@/lib/contracts/chat/chat-assistant";
import type { ApiTopic } from "../route";

const detail = { name: "Conversation", schema: conversationDetail };

export const chatRoutes: ApiTopic = {
  title: "Chat",
  routes: [
    {
      method: "GET",
      path: "/api/chat/assistants",
      summary: "List assistants to chat with",
      permission: "chat.use",
      answer: {
        status: 200,
        json: {
          name: "ChatAssistantList",
          schema: z.object({ assistants: z.array(chatAssistant) }),
        },
      },
    },
    {
      method: "GET",
      path: "/api/chat/conversations",
      summary: "List your conversations",
      permission: "chat.use",
      query: conversationListQuery,
      answer: { status: 200, json: { name: "ConversationList", schema: conversationList } },
    },
    {
      method: "POST",
      path: "/api/chat/conversations",
      summary: "Begin a conversation",
      permission: "chat.use",
      body: { name: "NewConversationInput", schema: newConversationInput },
      answer: { status: 201, json: detail },
      errors: [404],
    },
    {
      method: "GET",
      path: "/api/chat/conversations/{conversationId}",
      summary: "Get a conversation with its newest messages",
      permission: "chat.use",
      answer: { status: 200, json: detail },
    },
    {
      method: "PATCH",
      path: "/api/chat/conversations/{conversationId}",
      summary: "Rename a conversation",
      permission: "chat.use",
      body: { name: "RenameConversationInput", schema: renameConversationInput },
      answer: { status: 200, json: detail },
    },
    {
      method: "DELETE",
      path: "/api/chat/conversations/{conversationId}",
      summary: "Delete a conversation",
      permission: "chat.use",
      answer: { status: 204 },
    },
    {
      method: "GET",
      path: "/api/chat/conversations/{conversationId}/messages",
      summary: "Get older messages",
      permission: "chat.use",
      query: messagePageQuery,
      answer: { status: 200, json: { name: "MessagePage", schema: messagePage } },
    },
    {
      method: "POST",
      path: "/api/chat/conversations/{conversationId}/turn",
      summary: "Send a message, and read the answer as it is written",
      description:
        "30 a minute. A call that needs a consent, an account or a confirmation waits until a person gives it in Usher; then send `resume`. The paused call lists the accounts to choose from.",
      permission: "chat.use",
      body: { name: "TurnInput", schema: turnInput },
      answer: {
        status: 200,
        stream: "text/event-stream",
        description: "Parts of the message, in the AI SDK's UI message stream protocol.",
      },
      errors: [409],
    },
    {
      method: "POST",
      path: "/api/chat/conversations/{conversationId}/stop",
      summary: "Stop the answer that is being written",
      permission: "chat.use",
      answer: { status: 204 },
    },
  ],
};
