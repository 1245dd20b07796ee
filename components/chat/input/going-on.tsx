"use client";

import { TriangleAlert } from "lucide-react";
import { useOpenConversation } from "@/components/chat/turn/conversation-context";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { PromptFrame, QuietLine } from "./prompt-frame";

/** All is there, and the calls are about to run; a turn that did not start can be started by hand. */
export function GoingOn({ words }: { words: string }) {
  const { session, state } = useOpenConversation();
  if (state.failure?.turn !== "resume") {
    return <QuietLine icon={<Spinner label="" />}>{words}. Going on…</QuietLine>;
  }
  return (
    <PromptFrame icon={<TriangleAlert />} title={words}>
      <p className="text-muted text-sm">{state.failure.message}</p>
      <div>
        <Button variant="primary" size="sm" onClick={() => void session.resume()}>
          Go on
        </Button>
      </div>
    </PromptFrame>
  );
}
