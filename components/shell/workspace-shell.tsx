"use client";

import { Menu } from "lucide-react";
import Link from "next/link";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { IconButton } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import { ChatPanel } from "./chat-panel";
import type { ChatPanelState } from "./chat-panel-cookie";
import { ChatPanelProvider, useChatPanel } from "./chat-panel-state";
import { ChatToggle, ChatToggleIcon } from "./chat-toggle";
import { Logo, LogoMark } from "./logo";
import { Navigation, type Person, railHidden, railWidth } from "./navigation";
import { UserMenu } from "./user-menu";

export type WorkspaceShellProps = {
  person: Person;
  /** From the cookie, so that the first paint has the right columns. */
  chatPanel: ChatPanelState;
  /** Content of the panel on the right. Null for people who do not chat: they have no panel. */
  chat: ReactNode;
  children: ReactNode;
};

export function WorkspaceShell({ person, chatPanel, chat, children }: WorkspaceShellProps) {
  useScrollMemory();
  return (
    <ChatPanelProvider initial={chatPanel} exists={chat !== null}>
      <Columns person={person} chat={chat}>
        {children}
      </Columns>
    </ChatPanelProvider>
  );
}

// Shown only in an installation's first days, so not in the JavaScript of its pages.
const GetStartedEntry = lazy(() => import("@/components/get-started/get-started-entry"));

function Columns({ person, chat, children }: Omit<WorkspaceShellProps, "chatPanel">) {
  const { open, covering } = useChatPanel();
  return (
    <div
      data-chat={open ? "open" : "closed"}
      className="group/shell flex min-h-dvh max-lg:flex-col"
    >
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2 focus:font-medium focus:text-sm focus:shadow-overlay"
      >
        Skip to content
      </a>
      <div className="contents" inert={covering}>
        <PhoneBar person={person} chats={chat !== null} />
        <div
          className={cn(
            "sticky top-0 flex h-dvh shrink-0 flex-col gap-4 overflow-y-auto border-border border-r p-3 max-lg:hidden",
            railWidth,
          )}
        >
          <header>
            <Link
              href="/"
              prefetch={false}
              aria-label="Usher, home"
              className="flex h-8 items-center gap-2 rounded-md px-1"
            >
              <LogoMark />
              <span className={cn("font-semibold text-lg tracking-tight", railHidden)}>Usher</span>
            </Link>
          </header>
          {chat === null ? null : <ChatToggle />}
          <div className="flex-1">
            <Navigation
              person={person}
              getStarted={
                person.getStarted ? (
                  // React shows the fallback if an update arrives before the script. It keeps the row's place.
                  <Suspense
                    fallback={
                      person.getStarted.shown ? (
                        <li aria-hidden="true" className="h-8 pointer-coarse:h-10" />
                      ) : null
                    }
                  >
                    <GetStartedEntry first={person.getStarted} />
                  </Suspense>
                ) : null
              }
            />
          </div>
          <UserMenu person={person} />
        </div>
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 bg-surface outline-none">
          {children}
        </main>
      </div>
      {chat === null ? null : <ChatPanel>{chat}</ChatPanel>}
    </div>
  );
}

const loadPhoneNavigation = () => import("./phone-navigation");
const PhoneNavigation = lazy(loadPhoneNavigation);

/** The top bar of narrow windows: the navigation as a drawer, and the way into the chat. */
function PhoneBar({ person, chats }: { person: Person; chats: boolean }) {
  const [open, setOpen] = useState<boolean | null>(null);
  return (
    <header className="sticky top-0 z-30 flex h-13 items-center justify-between border-border border-b bg-background px-1.5 lg:hidden">
      <IconButton
        label="Open the navigation"
        size="lg"
        aria-haspopup="dialog"
        aria-expanded={open ?? false}
        onPointerDown={() => void loadPhoneNavigation()}
        onClick={() => setOpen(true)}
      >
        <Menu aria-hidden="true" />
      </IconButton>
      <Link href="/" prefetch={false} aria-label="Usher, home" className="flex rounded-md">
        <Logo />
      </Link>
      {chats ? <ChatToggleIcon /> : <span className="w-10" />}
      {open === null ? null : (
        <Suspense fallback={null}>
          <PhoneNavigation person={person} open={open} onOpenChange={setOpen} />
        </Suspense>
      )}
    </header>
  );
}

/**
 * Restores the scroll position after Back, Forward and a reload, once the page's data is loaded. The browser
 * does this only if the page is tall enough right away. Loaded after the first paint.
 */
function useScrollMemory(): void {
  useEffect(() => {
    let stop: (() => void) | null = () => {};
    void import("./remember-scroll").then(({ rememberScroll }) => {
      if (stop) stop = rememberScroll();
    });
    return () => {
      stop?.();
      stop = null;
    };
  }, []);
}
