import Link from "next/link";
import type { ReactNode } from "react";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

/** Replaces the form of a one-time link that no longer works. */
export function EndedLink({
  title,
  signedIn,
  children,
}: {
  title: string;
  signedIn: boolean;
  /** Why, and what to do next. */
  children: ReactNode;
}) {
  return (
    <main>
      <MessagePage
        title={title}
        actions={
          <Button asChild variant="primary">
            {signedIn ? <Link href="/">Go home</Link> : <Link href="/sign-in">Sign in</Link>}
          </Button>
        }
      >
        {children}
      </MessagePage>
    </main>
  );
}
