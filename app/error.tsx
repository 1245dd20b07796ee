"use client";

import Link from "next/link";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

/** Never shows the error's own words: they are for logs. The digest finds them there. */
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
          <Button variant="primary" onClick={reset}>
            Try again
          </Button>
          <Button asChild>
            <Link href="/">Go to the start page</Link>
          </Button>
        </>
      }
      note={error.digest ? `Reference ${error.digest}` : undefined}
    >
      Something went wrong on our side, and nothing you entered was changed by it. Try again; if it
      stays, give the reference below to whoever runs this Usher.
    </MessagePage>
  );
}
