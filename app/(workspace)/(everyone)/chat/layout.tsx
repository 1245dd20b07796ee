import { headers } from "next/headers";
import type { ReactNode } from "react";
import { ChatPage } from "@/components/chat/shell/chat-page";
import { PageOf } from "@/components/session/session-guard";
import { FirstData } from "@/components/ui/first-data";
import { chatContext } from "@/lib/app/chat-context";
import { app } from "@/lib/app/current";
import { listChatAssistants } from "@/lib/chat/chat-assistants";
import { readConversation } from "@/lib/chat/conversations";
import { conversationIdOf } from "@/lib/contracts/chat/conversation";
import { firstData } from "@/lib/http/page-data";
import { chatAssistantsQuery, conversationKey } from "@/lib/queries/chat";
import { requirePermission } from "@/lib/session/current-user";
import type { SessionUser } from "@/lib/session/session-user";

/**
 * The chat lives here and not in a page: it stays while its address changes from one to another. It checks
 * access itself, as each page does: the router may request this layout without the one around it.
 */
export default async function ChatLayout({ children }: { children: ReactNode }) {
  const user = await requirePermission("chat.use");
  return (
    <PageOf user={user}>
      <FirstData json={await readFirstData(user)}>
        <ChatPage />
      </FirstData>
      {children}
    </PageOf>
  );
}

async function readFirstData(user: SessionUser): Promise<string> {
  const context = chatContext(app());
  const id = conversationIdOf((await headers()).get("x-usher-path") ?? "");
  const assistants = {
    queryKey: chatAssistantsQuery().queryKey,
    queryFn: async () => ({ assistants: await listChatAssistants(context, user) }),
  };
  if (id === null) return firstData(assistants);
  const queryFn = () => readConversation(context, user, id);
  return firstData(assistants, { queryKey: conversationKey(id), queryFn });
}
