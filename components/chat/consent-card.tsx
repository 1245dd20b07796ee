"use client";

import { ArrowUpRight, KeyRound } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat";
import { authorizePath } from "@/lib/queries/connections";
import { useOpenConversation } from "./conversation-context";
import { PromptFrame } from "./prompt-frame";
import type { ToolCall } from "./tool-call";
import type { Authorization } from "./use-authorization";
import { useDecision } from "./use-decision";

/** Asks for the consent: why, what waits for it, and the way to the provider in another tab. */
export function ConsentCard({
  prompt: { serverId, tokenSharing, reason },
  serverName,
  calls,
  authorization: { attempt, begin, cancel },
  pausedIds,
  canAuthorize,
  whoCan,
}: {
  prompt: AuthorizationRequiredPart;
  serverName: string;
  calls: readonly ToolCall[];
  authorization: Authorization;
  pausedIds: readonly string[];
  canAuthorize: boolean | null;
  whoCan: string | null;
}) {
  const { detail, busy } = useOpenConversation();
  const { decide, deciding, error } = useDecision();
  const shared = tokenSharing === "SHARED";
  // The address of the provider is made on click, by the server: it never grows old in here.
  const href = `${authorizePath(serverId, `/chat/${detail.id}`)}&tab=1`;

  return (
    <PromptFrame
      icon={<KeyRound />}
      title={shared ? `${serverName} needs the team’s account` : `${serverName} needs your account`}
    >
      <div className="grid gap-1 text-muted text-sm">
        {reason ? <p>{reason}</p> : null}
        <WaitingCalls calls={calls} />
      </div>
      {canAuthorize === false ? (
        <p className="text-sm">
          {whoCan ?? "An admin can authorize it."} This goes on by itself once it is done.
        </p>
      ) : (
        <AttemptLine attempt={attempt} serverName={serverName} shared={shared} />
      )}
      <div className="flex flex-wrap items-center gap-2">
        {canAuthorize === false ? null : (
          <Button asChild variant={attempt === "waiting" ? "secondary" : "primary"}>
            <a href={href} target="_blank" rel="noopener" onClick={begin}>
              {attempt === "none" ? "Authorize" : null}
              {attempt === "waiting" ? "Open again" : null}
              {attempt === "failed" ? "Authorize again" : null}
              <ArrowUpRight aria-hidden="true" />
              <span className="sr-only"> (opens in a new tab)</span>
            </a>
          </Button>
        )}
        {attempt === "waiting" ? (
          <Button variant="ghost" onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <Button
            variant={canAuthorize === false ? "secondary" : "ghost"}
            disabled={busy || pausedIds.length === 0}
            loading={deciding}
            onClick={() => void decide(pausedIds, "skip")}
          >
            Skip
          </Button>
        )}
      </div>
      {error ? (
        <p role="alert" className="text-danger-text text-xs">
          {error}
        </p>
      ) : null}
    </PromptFrame>
  );
}

function WaitingCalls({ calls }: { calls: readonly ToolCall[] }) {
  const titles = [...new Set(calls.map((call) => call.title))];
  if (titles.length === 0) return null;
  return (
    <p>
      Waiting: <span className="font-medium text-text">{titles.join(", ")}</span>
    </p>
  );
}

function AttemptLine({
  attempt,
  serverName,
  shared,
}: {
  attempt: Authorization["attempt"];
  serverName: string;
  shared: boolean;
}) {
  if (attempt === "waiting") {
    return (
      <p role="status" className="flex min-h-5 items-start gap-2 text-sm">
        <Spinner label="" className="mt-0.5 text-accent-text" />
        Waiting for your consent in the other tab…
      </p>
    );
  }
  if (attempt === "failed") {
    return (
      <p role="alert" className="min-h-5 text-danger-text text-sm">
        {serverName} was not connected: the consent was denied, or it expired. You can authorize
        again.
      </p>
    );
  }
  return (
    <p className="min-h-5 text-sm">
      {shared
        ? "You authorize it once, for everybody. The answer then goes on by itself."
        : "You consent in a new tab. The answer then goes on by itself."}
    </p>
  );
}
