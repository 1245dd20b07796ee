"use client";

import { useEffect } from "react";
import { MessagePage, messageAction } from "@/components/shell/message-page";
import type { SessionEnd } from "@/lib/queries/fetch-json";

/** Replaces a page whose person is no longer signed in here. Its links load whole pages. */
export default function SessionOver({ end }: { end: SessionEnd }) {
  const title = end.kind === "signed-out" ? "You are signed out" : end.message;
  useEffect(() => {
    document.title = `${title.replace(/\.$/, "")} · Usher`;
  }, [title]);
  return (
    <main>
      <div role="alert">
        {end.kind === "signed-out" ? (
          <MessagePage
            title={title}
            actions={
              <a href={signInPath()} className={messageAction.primary}>
                Sign in
              </a>
            }
          >
            You signed out in another tab, or your session has ended.
          </MessagePage>
        ) : (
          <MessagePage
            title={title}
            actions={
              <a href="/" className={messageAction.primary}>
                Continue
              </a>
            }
          >
            This tab was opened with another account. Nothing was done with your account.
          </MessagePage>
        )}
      </div>
    </main>
  );
}

function signInPath(): string {
  const { pathname, search } = window.location;
  return `/sign-in?${new URLSearchParams({ callbackUrl: pathname + search })}`;
}
