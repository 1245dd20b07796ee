import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { ChatSidebar, PrepareChat } from "@/components/chat/shell/chat-sidebar";
import { ChatStateProvider } from "@/components/chat/shell/chat-state";
import { SessionGuard } from "@/components/session/session-guard";
import { chatPanelCookieName, parseChatPanelState } from "@/components/shell/chat-panel-cookie";
import { WorkspaceShell } from "@/components/shell/workspace-shell";
import { requireUser } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const { id, name, email, role } = await requireUser();
  const state = parseChatPanelState((await cookies()).get(chatPanelCookieName)?.value);
  return (
    <SessionGuard person={{ id, email }}>
      <ChatStateProvider managesModels={permits(role, "models.manage")}>
        <WorkspaceShell person={{ name, email, role }} chatPanel={state} chat={<ChatSidebar />}>
          {children}
        </WorkspaceShell>
        <PrepareChat />
      </ChatStateProvider>
    </SessionGuard>
  );
}
