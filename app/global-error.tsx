"use client";

import "./globals.css";
import { MessagePage, messageAction } from "@/components/shell/message-page";

/** Replaces the root layout when that one fails, so it includes its own document. */
export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    // The font and the theme of the document that it replaces.
    <html
      lang="en"
      suppressHydrationWarning
      className={typeof document === "undefined" ? "" : document.documentElement.className}
    >
      <head>
        <title>Something went wrong · Usher</title>
      </head>
      <body>
        <main>
          <MessagePage
            title="This page could not be loaded"
            actions={
              <button type="button" className={messageAction.primary} onClick={reset}>
                Try again
              </button>
            }
            note={error.digest ? `Reference ${error.digest}` : undefined}
          >
            Something went wrong on our side. Try again. If it keeps happening,{" "}
            {error.digest ? "give the reference below to" : "tell"} whoever runs this Usher.
          </MessagePage>
        </main>
      </body>
    </html>
  );
}
