import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { ChatSidebar, PrepareChat } from "@/components/chat/shell/chat-sidebar";
import { ChatStateProvider } from "@/components/chat/shell/chat-state";
import { SessionGuard } from "@/components/session/session-guard";
import { chatPanelCookieName, parseChatPanelState } from "@/components/shell/chat-panel-cookie";
import { ViewerWords } from "@/components/shell/viewer-words";
import { WorkspaceShell } from "@/components/shell/workspace-shell";
import { app } from "@/lib/app/current";
import { viewGetStarted } from "@/lib/get-started";
import { readNotices } from "@/lib/notices/read-notices";
import { requireUser } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";
import type { SessionUser } from "@/lib/session/session-user";

export default async function WorkspaceLayout({ children }: { children: ReactNode }) {
  const user = await requireUser();
  const { id, name, email, role } = user;
  const [getStarted, notices] = await Promise.all([firstSteps(user), noticeCount(user)]);
  const state = parseChatPanelState((await cookies()).get(chatPanelCookieName)?.value);
  return (
    <SessionGuard person={{ id, email }}>
      <ViewerWords admin={role === "ADMIN"}>
        <ChatStateProvider managesModels={permits(role, "models.manage")}>
          <WorkspaceShell
            person={{ name, email, role, getStarted, notices }}
            chatPanel={state}
            chat={permits(role, "chat.use") ? <ChatSidebar /> : null}
          >
            {children}
          </WorkspaceShell>
          {permits(role, "chat.use") ? <PrepareChat /> : null}
        </ChatStateProvider>
      </ViewerWords>
    </SessionGuard>
  );
}

/** A failure here does not fail the page. */
async function noticeCount(user: SessionUser): Promise<number> {
  if (!permits(user.role, "notices.view")) return 0;
  try {
    return (await readNotices(app(), user)).notices.length;
  } catch (error) {
    app().log.warn({ err: error }, "the notices could not be read");
    return 0;
  }
}

/** Loaded only for admins who have not dismissed them. A failure here does not fail the page. */
async function firstSteps(user: SessionUser) {
  if (user.dismissedGetStarted || !permits(user.role, "get-started.view")) return null;
  try {
    const view = await viewGetStarted(app(), user);
    return view.shown ? view : null;
  } catch (error) {
    app().log.warn({ err: error }, "the first steps could not be read");
    return null;
  }
}
