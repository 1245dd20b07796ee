"use client";

import { Check, CircleSlash, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat";
import { readAuthorizationPrompt } from "./authorization-prompt";
import { ConfirmToolCalls } from "./confirm-tool-calls";
import { ConsentCard } from "./consent-card";
import { useOpenConversation } from "./conversation-context";
import { PromptFrame, QuietLine } from "./prompt-frame";
import { oneLine, type ToolCall } from "./tool-call";
import { useAuthorization } from "./use-authorization";

/**
 * Asks for a consent that tool calls of this turn miss, in all that may become of it. It is drawn
 * from what is stored, so it stands the same after a reload and in another tab.
 */
export function AuthorizationCard({
  prompt,
  calls,
}: {
  prompt: AuthorizationRequiredPart;
  calls: readonly ToolCall[];
}) {
  const { detail, session, state } = useOpenConversation();
  const reading = readAuthorizationPrompt(prompt, detail.pausedToolCalls, calls);
  const authorization = useAuthorization(detail.id, prompt.serverId, reading.phase === "consent");
  const serverName = oneLine(prompt.serverName);

  switch (reading.phase) {
    case "consent":
      return (
        <ConsentCard
          prompt={prompt}
          serverName={serverName}
          calls={calls}
          authorization={authorization}
          pausedIds={reading.waiting.map((call) => call.id)}
          canAuthorize={reading.canAuthorize}
          whoCan={reading.whoCan}
        />
      );
    case "going-on":
      return state.failure?.turn === "resume" ? (
        <PromptFrame icon={<TriangleAlert />} title={`${serverName} is connected`}>
          <p className="text-muted text-sm">{state.failure.message}</p>
          <div>
            <Button variant="primary" size="sm" onClick={() => void session.resume()}>
              Go on
            </Button>
          </div>
        </PromptFrame>
      ) : (
        <QuietLine icon={<Spinner label="" />}>Connected · {serverName}. Going on…</QuietLine>
      );
    case "confirmation":
      return (
        <>
          <QuietLine icon={<Check className="text-success-text" />}>
            Connected · {serverName}
          </QuietLine>
          <ConfirmToolCalls waiting={reading.waiting} calls={calls} />
        </>
      );
    case "connected":
      return (
        <QuietLine icon={<Check className="text-success-text" />}>
          Connected · {serverName}
        </QuietLine>
      );
    case "skipped":
      return <QuietLine icon={<CircleSlash />}>Skipped · {serverName}</QuietLine>;
  }
}
