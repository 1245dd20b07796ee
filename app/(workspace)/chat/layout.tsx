import type { ReactNode } from "react";
import { ChatPage } from "@/components/chat/chat-page";

/** The chat lives here and not in a page: it stays while its address goes from one to another. */
export default function ChatLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <ChatPage />
      {children}
    </>
  );
}
