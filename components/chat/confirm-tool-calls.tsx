"use client";

import { Play } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CodeBlock } from "@/components/ui/code-block";
import type { PausedToolCallView } from "@/lib/contracts/chat";
import { useOpenConversation } from "./conversation-context";
import { oneLine, type ToolCall } from "./tool-call";
import { prettyJson } from "./tool-call-text";
import { useDecision } from "./use-decision";

/** Calls that change something and had to wait: each wants a word, with its arguments in view. */
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
        <ConfirmToolCall
          key={paused.id}
          paused={paused}
          call={calls.find((call) => call.id === paused.toolCallId) ?? null}
        />
      ))}
    </ul>
  );
}

function ConfirmToolCall({ paused, call }: { paused: PausedToolCallView; call: ToolCall | null }) {
  const { busy } = useOpenConversation();
  const { decide, decision, error } = useDecision();
  const title = call?.title ?? paused.toolName;
  return (
    <li className="overflow-hidden rounded-lg border border-warning-border">
      <div className="grid gap-2.5 bg-warning-subtle/60 p-3.5">
        <div>
          <p className="font-semibold text-base tracking-tight [overflow-wrap:anywhere]">
            Run “{title}” now?
          </p>
          <p className="text-muted text-sm">
            It changes data in {oneLine(paused.serverName)} and runs once, with these arguments.
            {call?.account ? ` It acts as: ${call.account.actingAs}.` : null}
          </p>
        </div>
        <CodeBlock
          title="Arguments"
          code={prettyJson(call?.part.input ?? {})}
          wrap
          codeClassName="max-h-56"
        />
        <div className="flex flex-wrap gap-2">
          <Button
            variant="primary"
            disabled={busy || decision === "skip"}
            loading={decision === "run"}
            onClick={() => void decide([paused.id], "run")}
          >
            <Play aria-hidden="true" />
            Run now
          </Button>
          <Button
            variant="ghost"
            disabled={busy || decision === "run"}
            loading={decision === "skip"}
            onClick={() => void decide([paused.id], "skip")}
          >
            Skip
          </Button>
        </div>
        {error ? (
          <p role="alert" className="text-danger-text text-xs">
            {error}
          </p>
        ) : null}
      </div>
    </li>
  );
}
