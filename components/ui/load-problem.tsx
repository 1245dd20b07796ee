"use client";

import { notFound } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { ProblemError } from "@/lib/queries/fetch-json";

/** Replaces what could not be loaded. Anything that does not exist (any more) shows the 404 page. */
export function LoadProblem({
  title,
  error,
  onRetry,
  retrying,
}: {
  title: string;
  error: Error;
  onRetry: () => void;
  retrying: boolean;
}) {
  const status = error instanceof ProblemError ? error.status : null;
  if (status === 404) notFound();
  return (
    <Callout
      tone="danger"
      title={title}
      announce
      action={
        status === 401 ? (
          <Button asChild size="sm">
            <a href="/sign-in">Sign in</a>
          </Button>
        ) : (
          <Button size="sm" loading={retrying} onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {error.message}
    </Callout>
  );
}
