import type { ReactNode } from "react";
import { ChatPage } from "@/components/chat/chat-page";
import { PageOf } from "@/components/session/page-of";
import { requireUser } from "@/lib/session/current-user";

/**
 * The chat lives here and not in a page: it stays while its address goes from one to another. It asks who
 * it is itself, as each page does: the router may ask for this layout without the one around it.
 */
export default async function ChatLayout({ children }: { children: ReactNode }) {
  const user = await requireUser();
  return (
    <PageOf user={user}>
      <ChatPage />
      {children}
    </PageOf>
  );
}
