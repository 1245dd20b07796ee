"use client";

import { Play } from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { AnswerProblem, useDecision } from "@/components/chat/input/use-answers";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/loading";
import { CodeBlock } from "@/components/ui/text/code-block";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import { mayAlwaysAllow } from "@/lib/contracts/chat/decide-asking";
import type { AskReason } from "@/lib/contracts/servers/tool-policy";
import { oneLine, visible } from "@/lib/untrusted-text";
import type { ToolCall } from "./tool-call";
import { prettyJson } from "./tool-call-text";

const AlwaysAllowChoice = lazy(() => import("./always-allow-choice"));
const AccountChoice = lazy(() => import("./account-choice"));

/** Calls that had to wait for a consent and now each need confirmation, with their arguments in view. */
export function ConfirmToolCalls({
  waiting,
  calls,
}: {
  waiting: readonly PausedToolCallView[];
  calls: readonly ToolCall[];
}) {
  return (
    <ul className="grid gap-2">
      {waiting.map((paused) => (
        <li key={paused.id}>
          <ConfirmToolCall
            paused={paused}
            call={calls.find((call) => call.id === paused.toolCallId) ?? null}
          />
        </li>
      ))}
    </ul>
  );
}

const reasons: Record<AskReason, string> = {
  changes_data: "It can change data.",
  policy: "An admin requires confirmation for every call.",
  changed: "The server changed this tool, and no admin has reviewed it yet.",
  new: "The server added this tool, and no admin has reviewed it yet.",
};

/**
 * Asks for the confirmation without which a call does not run. Its arguments are the stored ones, which
 * are what runs; all of its text except the labels comes from a model or a server.
 *
 * @param paused null: the turn that asks is not over yet
 */
export function ConfirmToolCall({
  paused,
  call,
}: {
  paused: PausedToolCallView | null;
  call: ToolCall | null;
}) {
  const { busy, detail } = useOpenConversation();
  const { decide, decision, error } = useDecision();
  const heading = useId();
  // By the definition that was shown: if it changes in the meantime, the box is cleared.
  const [allowed, setAllowed] = useState<string | null>(null);
  const always = paused?.alwaysAllow ?? null;
  const [choice, setChoice] = useState<{ account?: string; keepAccount?: boolean }>({});
  const accounts = paused?.accounts ?? [];
  const chosen = accounts.length > 1 ? accountIn(paused, choice.account) : null;
  const isMissing = accounts.length > 1 && chosen === null;
  const offered =
    paused !== null &&
    always !== null &&
    (chosen === null || chosen.isDefault) &&
    mayAlwaysAllow({ asks: paused.asks, ...always }).may;
  const fingerprint =
    always !== null && offered && allowed === always.fingerprint ? allowed : undefined;
  const title = call?.title ?? oneLine(paused?.toolTitle ?? "");
  const ready = paused !== null && !busy;
  const answer = ({ isAccountKept }: PausedToolCallView) => ({
    ...(fingerprint === undefined ? {} : { alwaysAllow: fingerprint }),
    ...(chosen === null
      ? {}
      : { account: chosen.account, keepAccount: choice.keepAccount ?? isAccountKept }),
  });
  return (
    <section
      aria-labelledby={heading}
      className="grid gap-3 rounded-lg border border-warning-border bg-warning-subtle/60 p-3.5"
    >
      <div className="grid gap-0.5">
        <h4
          id={heading}
          className="font-semibold text-base tracking-tight [overflow-wrap:anywhere]"
        >
          Run “<bdi>{title}</bdi>” now?
        </h4>
        <p className="text-muted text-sm">
          {reasons[paused?.asks ?? "changes_data"]} It runs once, with these arguments.
        </p>
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-0.5 text-sm [overflow-wrap:anywhere] [&_dt]:text-muted">
        <dt>Server</dt>
        <dd>
          <bdi>{oneLine(paused?.serverName ?? call?.account?.serverName ?? "")}</bdi>
        </dd>
        <dt>Tool</dt>
        <dd>
          <bdi className="font-mono text-xs">
            {oneLine(paused?.toolName ?? call?.account?.toolName ?? "")}
          </bdi>
        </dd>
        {accounts.length > 1 ? null : (
          <>
            <dt>Acts as</dt>
            <dd>
              <bdi>{oneLine(paused?.actingAs ?? call?.account?.actingAs ?? "")}</bdi>
            </dd>
          </>
        )}
      </dl>
      {paused && accounts.length > 1 ? (
        <Suspense fallback={<Skeleton className="h-20 w-full" />}>
          <AccountChoice
            accounts={accounts}
            account={chosen?.account ?? null}
            keep={choice.keepAccount ?? paused.isAccountKept}
            disabled={!ready || decision !== null}
            onChange={(change) => setChoice({ ...choice, ...change })}
          />
        </Suspense>
      ) : null}
      <CodeBlock
        title="Arguments"
        code={visible(prettyJson(paused?.arguments ?? call?.part.input ?? {}))}
        wrap
        codeClassName="max-h-56"
      />
      {always && (offered || always.ended) ? (
        <Suspense fallback={<Skeleton className="h-9 w-72 max-w-full" />}>
          <AlwaysAllowChoice
            title={title}
            assistantName={detail.assistantName ?? ""}
            offered={offered}
            ended={always.ended}
            disabled={!ready || decision !== null}
            checked={fingerprint !== undefined}
            onChange={(checked) => setAllowed(checked ? always.fingerprint : null)}
          />
        </Suspense>
      ) : null}
      <div className="flex flex-wrap gap-2">
        <Button
          variant="primary"
          disabled={!ready || isMissing || decision === "skip"}
          loading={decision === "run"}
          onClick={() => paused && void decide([paused.id], "run", answer(paused))}
        >
          <Play aria-hidden="true" />
          Run now
        </Button>
        <Button
          variant="ghost"
          disabled={!ready || decision === "run"}
          loading={decision === "skip"}
          onClick={() => paused && void decide([paused.id], "skip")}
        >
          Skip
        </Button>
      </div>
      <AnswerProblem problem={error} />
    </section>
  );
}

/** What runs: the person's choice, or the account that the call was paused with. Null: that account is gone. */
function accountIn(paused: PausedToolCallView | null, picked: string | undefined) {
  const wanted = picked ?? paused?.account ?? null;
  const accounts = paused?.accounts ?? [];
  return accounts.find((each) => each.account === wanted) ?? null;
}
