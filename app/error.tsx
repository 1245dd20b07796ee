"use client";

import { MessagePage, messageAction } from "@/components/shell/message-page";

/** Never shows the error's own text, which is for logs. The digest finds it there. */
export default function ErrorPage({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <MessagePage
      title="This page could not be shown"
      actions={
        <>
          <button type="button" className={messageAction.primary} onClick={reset}>
            Try again
          </button>
          <a href="/" className={messageAction.secondary}>
            Go home
          </a>
        </>
      }
      note={error.digest ? `Reference ${error.digest}` : undefined}
    >
      Something went wrong on our side. Nothing you entered was changed. Try again. If it keeps
      happening, {error.digest ? "give the reference below to" : "tell"} whoever runs this Usher.
    </MessagePage>
  );
}
