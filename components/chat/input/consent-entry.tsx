"use client";

import { ArrowUpRight } from "lucide-react";
import { lazy, type ReactNode, Suspense, useId } from "react";
import type { ToolCall } from "@/components/chat/tool-calls/tool-call";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { ScopeList } from "@/components/connections/scope-list";
import { Button } from "@/components/ui/button";
import { Skeleton, Spinner } from "@/components/ui/loading";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";
import type { TokenSharing } from "@/lib/contracts/servers/kinds";
import { oneLine } from "@/lib/untrusted-text";
import type { AuthorizationPrompt } from "./authorization-prompt";
import { type Authorization, useAuthorization } from "./authorization-prompt";
import { OrganizationActions } from "./organization-actions";
import { AnswerProblem, useAskAdmin, useDecision } from "./use-answers";

const KeyEntry = lazy(() => import("./key-entry"));

const sharingWords = {
  SHARED: {
    needs: "the team’s account",
    how: "Authorize once for everybody. The answer then continues automatically.",
  },
  PER_USER: {
    needs: "your account",
    how: "A new tab opens for your consent. The answer then continues automatically.",
  },
  ORGANIZATION: {
    needs: "access from your organization",
    how: "A new tab opens for your consent. The answer then continues automatically.",
  },
} as const satisfies Record<TokenSharing, { needs: string; how: string }>;

/** The card's title if it asks for this consent alone. */
export function consentTitle(prompt: AuthorizationRequiredPart) {
  const { serverName, tokenSharing, stepUp, asksForKey } = prompt;
  const name = oneLine(serverName);
  if (asksForKey) return `${name} needs your key`;
  if (stepUp) return `${name} needs more permissions`;
  return `${name} needs ${sharingWords[tokenSharing].needs}`;
}

/** Asks for one consent: why, what waits for it, and the link to the provider in another tab. */
export function ConsentEntry({
  prompt,
  calls,
  reading: { waiting, canAuthorize, whoCan },
  titled,
}: {
  prompt: AuthorizationRequiredPart;
  calls: readonly ToolCall[];
  reading: Extract<AuthorizationPrompt, { phase: "consent" }>;
  /** True among other entries: it shows its own title. */
  titled: boolean;
}) {
  const { detail, busy } = useOpenConversation();
  const { attempt, begin, cancel, connection, toAuthorize } = useAuthorization(detail.id, prompt);
  const { decide, deciding, error } = useDecision();
  const title = useId();
  const serverName = oneLine(prompt.serverName);
  // The server's current state; the prompt was written when the call paused.
  const asksForKey = connection ? connection.connection.personalKey !== null : prompt.asksForKey;
  const skip = (
    <Button
      variant="ghost"
      disabled={busy || waiting.length === 0}
      loading={deciding}
      aria-describedby={titled ? title : undefined}
      onClick={() =>
        void decide(
          waiting.map((call) => call.id),
          "skip",
        )
      }
    >
      Skip
    </Button>
  );

  // Once they open their own consent, the card waits for it like any other.
  const byOrganization = prompt.tokenSharing === "ORGANIZATION" && attempt === "none";
  const first = byOrganization ? "Use your own account" : "Authorize";
  const authorize = (
    <Button asChild variant={attempt === "waiting" ? "secondary" : "primary"}>
      <AuthorizeAnchor
        serverId={prompt.serverId}
        {...toAuthorize}
        tab
        opensTab
        aria-describedby={titled ? title : undefined}
        onClick={begin}
      >
        {attempt === "none" ? first : null}
        {attempt === "waiting" ? "Open again" : null}
        {attempt === "failed" ? "Authorize again" : null}
        <ArrowUpRight aria-hidden="true" />
        <span className="sr-only"> (opens in a new tab)</span>
      </AuthorizeAnchor>
    </Button>
  );

  return (
    <>
      <div className="grid gap-1 text-muted text-sm">
        {titled ? (
          <p id={title} className="font-medium text-base text-text [overflow-wrap:anywhere]">
            {consentTitle(prompt)}
          </p>
        ) : null}
        {prompt.stepUp ? (
          <AddedScopes {...prompt.stepUp} />
        ) : prompt.reason ? (
          <p>{prompt.reason}</p>
        ) : null}
        <WaitingCalls calls={calls} />
      </div>
      {asksForKey ? (
        <Suspense fallback={<Skeleton className="h-24 w-full" />}>
          {connection ? <KeyEntry connection={connection} skip={skip} /> : null}
        </Suspense>
      ) : canAuthorize === false ? (
        <ForAnAdmin waiting={waiting} whoCan={whoCan} skip={skip} />
      ) : byOrganization ? (
        <OrganizationActions
          conversationId={detail.id}
          serverId={prompt.serverId}
          reason={prompt.reason}
          ownAccount={connection?.ownConsent ? authorize : null}
          skip={skip}
        />
      ) : (
        <>
          <AttemptLine
            attempt={attempt}
            serverName={serverName}
            tokenSharing={prompt.tokenSharing}
          />
          <div className="flex flex-wrap items-center gap-2">
            {authorize}
            {attempt === "waiting" ? (
              <Button variant="ghost" onClick={cancel}>
                Cancel
              </Button>
            ) : (
              skip
            )}
          </div>
        </>
      )}
      <AnswerProblem problem={error} />
    </>
  );
}

/** The viewer cannot give this consent, and asks those who can. */
function ForAnAdmin({
  waiting,
  whoCan,
  skip,
}: {
  waiting: readonly PausedToolCallView[];
  whoCan: string | null;
  skip: ReactNode;
}) {
  const { ask, asking, error } = useAskAdmin();
  const wasAsked = waiting.some((call) => call.adminAskedAt !== null);
  const toAsk = waiting.find((call) => call.canAskAdmin);
  return (
    <>
      <p role="status" className="text-sm">
        {wasAsked
          ? "The admins were asked. The answer continues automatically once one of them has authorized the account."
          : (whoCan ?? "Only an admin can authorize this server.")}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        {toAsk && !wasAsked ? (
          <Button variant="primary" loading={asking} onClick={() => ask(toAsk.id)}>
            Ask an admin
          </Button>
        ) : null}
        {skip}
      </div>
      <AnswerProblem problem={error} />
    </>
  );
}

/** The new scopes; the full list is a click away. */
function AddedScopes({ added, scope }: { added: readonly string[]; scope: readonly string[] }) {
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-x-1.5 gap-y-1">
        <span>Also needs:</span>
        <ScopeList scope={added.join(" ")} />
      </div>
      {scope.length > added.length ? (
        <details className="group">
          <summary className="w-fit rounded-xs underline decoration-border underline-offset-2 hover:text-text">
            All {scope.length} permissions that the consent asks for
          </summary>
          <div className="pt-1.5">
            <ScopeList scope={scope.join(" ")} />
          </div>
        </details>
      ) : null}
    </>
  );
}

function WaitingCalls({ calls }: { calls: readonly ToolCall[] }) {
  const open = calls.filter((call) => call.phase === "needs-consent");
  const titles = [...new Set(open.map((call) => call.title))];
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
  tokenSharing,
}: {
  attempt: Authorization["attempt"];
  serverName: string;
  tokenSharing: TokenSharing;
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
  return <p className="min-h-5 text-sm">{sharingWords[tokenSharing].how}</p>;
}
