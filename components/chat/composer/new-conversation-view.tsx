"use client";

import { ArrowUp, Bot, Info, Server } from "lucide-react";
import Link from "next/link";
import type { NewConversation } from "@/components/chat/composer/use-new-conversation";
import { useChatState } from "@/components/chat/shell/chat-state";
import { ProblemPanel } from "@/components/chat/turn/thread-problem";
import { ThreadSkeleton } from "@/components/chat/turn/thread-skeleton";
import { LogoMark } from "@/components/shell/logo";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { TextLink } from "@/components/ui/text/text-link";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";

export function NewConversationView({
  start,
  onExample,
}: {
  start: NewConversation;
  onExample: (text: string) => void;
}) {
  if (start.error) {
    return (
      <ProblemPanel
        title="The assistants could not be loaded"
        message={start.error.message}
        action={<Button onClick={start.retry}>Try again</Button>}
      />
    );
  }
  if (!start.assistants) return <ThreadSkeleton />;
  if (!start.assistant) {
    return (
      <div className="flex min-h-0 flex-1 flex-col justify-center overflow-y-auto p-4">
        <EmptyState
          icon={<Bot />}
          title="No assistants yet"
          className="mx-auto w-full max-w-xl"
          action={
            <Button asChild>
              <Link href="/assistants">Open Assistants</Link>
            </Button>
          }
        >
          An assistant answers with a model and the tools of your MCP servers. An admin creates the
          first one.
        </EmptyState>
      </div>
    );
  }
  return <Welcome assistant={start.assistant} onExample={onExample} />;
}

/** Before the first message: who answers, what it can access, and sentences to try. */
function Welcome({
  assistant,
  onExample,
}: {
  assistant: ChatAssistant;
  onExample: (text: string) => void;
}) {
  const { name, description, serverNames, examples, builtIn } = assistant;
  const { managesModels } = useChatState();
  return (
    <div className="@container flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="mx-auto my-auto grid w-full max-w-xl gap-5 px-4 py-8">
        <div className="grid gap-1.5">
          <LogoMark className="mb-2 size-9" />
          <p className="font-semibold text-xl tracking-tight">What can {name} do for you?</p>
          {description ? (
            <p className="text-pretty text-base text-muted [overflow-wrap:anywhere]">
              {description}
            </p>
          ) : null}
          {serverNames.length > 0 ? (
            <ul aria-label="Servers it can use" className="mt-1 flex flex-wrap gap-1.5">
              {serverNames.map((server) => (
                <li key={server} className="flex min-w-0">
                  <Badge className="[&>span]:flex [&>span]:items-center [&>span]:gap-1">
                    <Server aria-hidden="true" className="shrink-0" />
                    <span className="truncate">{server}</span>
                  </Badge>
                </li>
              ))}
            </ul>
          ) : (
            <p className="text-muted text-sm">
              It has no servers yet. An admin can add them on the Assistants page.
            </p>
          )}
        </div>
        {examples.length > 0 ? (
          <div>
            <p id="chat-examples" className="pb-1.5 font-medium text-muted text-xs">
              Try one of these
            </p>
            <ul
              aria-labelledby="chat-examples"
              className="divide-y divide-border overflow-hidden rounded-lg border border-border"
            >
              {examples.map((example) => (
                <li key={example}>
                  <button
                    type="button"
                    onClick={() => onExample(example)}
                    className="group/example flex min-h-11 w-full items-center gap-3 px-3.5 py-2 text-left text-base transition-colors hover:bg-hover focus-visible:-outline-offset-2"
                  >
                    <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{example}</span>
                    <ArrowUp
                      aria-hidden="true"
                      className="size-4 shrink-0 text-faint transition-colors group-hover/example:text-text"
                    />
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {builtIn ? (
          <p className="flex gap-2 text-muted text-xs">
            <Info aria-hidden="true" className="mt-px size-4 shrink-0 text-faint" />
            <span>
              No language model is set up, so Usher’s built-in assistant answers. It matches your
              message to one tool and shows the result.{" "}
              {managesModels ? (
                <TextLink href="/settings/models">Connect a language model</TextLink>
              ) : null}
            </span>
          </p>
        ) : null}
      </div>
    </div>
  );
}
