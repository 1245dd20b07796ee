import { dehydrate, QueryClient } from "@tanstack/react-query";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { ChatPage } from "@/components/chat/chat-page";
import { PageOf } from "@/components/session/page-of";
import { FirstData } from "@/components/ui/first-data";
import { app, chatContext } from "@/lib/app";
import { listChatAssistants } from "@/lib/chat/chat-assistants";
import { readConversation } from "@/lib/chat/conversations";
import { conversationIdOf } from "@/lib/contracts/chat-address";
import { chatAssistantsQuery, conversationKey } from "@/lib/queries/chat";
import { requireUser } from "@/lib/session/current-user";
import type { SessionUser } from "@/lib/session/session-user";

/**
 * The chat lives here and not in a page: it stays while its address goes from one to another. It asks who
 * it is itself, as each page does: the router may ask for this layout without the one around it.
 */
export default async function ChatLayout({ children }: { children: ReactNode }) {
  const user = await requireUser();
  return (
    <PageOf user={user}>
      <FirstData json={await readFirstData(user)}>
        <ChatPage />
      </FirstData>
      {children}
    </PageOf>
  );
}

/** What the page would ask for next. What fails here is asked for again, and told, by the page. */
async function readFirstData(user: SessionUser): Promise<string> {
  const queries = new QueryClient();
  const context = chatContext(app());
  const id = conversationIdOf((await headers()).get("x-usher-path") ?? "");
  const assistants = chatAssistantsQuery();
  await Promise.all([
    queries.prefetchQuery({
      queryKey: assistants.queryKey,
      queryFn: async () => ({ assistants: await listChatAssistants(context) }),
    }),
    id &&
      queries.prefetchQuery({
        queryKey: conversationKey(id),
        queryFn: () => readConversation(context, user, id),
      }),
  ]);
  return JSON.stringify(dehydrate(queries));
}
