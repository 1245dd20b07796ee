"use client";

import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { Suspense } from "react";
import { failureReason, failureWords } from "@/components/connections/authorization-outcome";
import { MessagePage } from "@/components/shell/message-page";
import { Button } from "@/components/ui/button";

export default function Refused() {
  return (
    <main>
      <Suspense>
        <AuthorizationRefused />
      </Suspense>
    </main>
  );
}

/** Why a callback was refused. The query contains a reason's name and no text. */
function AuthorizationRefused() {
  const { title, next } = failureWords(
    failureReason(useSearchParams().get("reason")) ?? "internal",
  );
  return (
    <MessagePage
      title={title}
      actions={
        <Button asChild variant="primary">
          <Link href="/connections">Go to Connections</Link>
        </Button>
      }
    >
      {next}
    </MessagePage>
  );
}
