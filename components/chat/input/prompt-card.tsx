"use client";

import {
  Check,
  CircleHelp,
  CircleSlash,
  KeyRound,
  MessageCircleQuestion,
  TriangleAlert,
} from "lucide-react";
import type { ReactNode } from "react";
import {
  type AuthorizationPrompt,
  readAuthorizationPrompt,
} from "@/components/chat/input/authorization-prompt";
import { ConnectedAccount } from "@/components/chat/input/connected-account";
import { ConsentEntry, consentTitle } from "@/components/chat/input/consent-entry";
import { InputEntry, inputTitle } from "@/components/chat/input/input-entry";
import { type InputPrompt, readInputPrompt } from "@/components/chat/input/input-prompt";
import { ConfirmToolCalls } from "@/components/chat/tool-calls/confirm-tool-calls";
import type {
  AuthorizationEntry,
  InputEntry as Input,
} from "@/components/chat/turn/message-blocks";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/loading";
import { oneLine } from "@/lib/untrusted-text";

type Item = { key: string; title: string; serverName: string } & (
  | { kind: "consent"; entry: AuthorizationEntry; reading: AuthorizationPrompt }
  | { kind: "input"; entry: Input; reading: InputPrompt }
);

/**
 * All that this answer wants of the person: consents that tool calls miss, and what servers ask in
 * the middle of a call, each with what may become of it. It is drawn from what is stored, so it stands
 * the same after a reload and in another tab.
 */
export function PromptCard({
  entries,
  inputs,
}: {
  entries: readonly AuthorizationEntry[];
  inputs: readonly Input[];
}) {
  const items = useItems(entries, inputs);
  const asking = items.filter(isAsking);
  const [first] = asking;
  const confirmed = items.flatMap(({ kind, reading }) =>
    kind === "consent" && reading.phase === "confirmation" ? reading.waiting : [],
  );
  return (
    <>
      {first ? (
        <PromptFrame
          icon={
            asking.every(({ kind }) => kind === "input") ? <MessageCircleQuestion /> : <KeyRound />
          }
          title={asking.length === 1 ? first.title : titleOf(asking)}
        >
          {items.length === 1 ? (
            <ItemView item={first} titled={false} />
          ) : (
            <ul className="-mt-1 divide-y divide-accent-border">
              {items.map((item) => (
                <li key={item.key} className="grid gap-2.5 py-3 last:pb-0">
                  <ItemView item={item} titled={asking.length > 1} />
                </li>
              ))}
            </ul>
          )}
        </PromptFrame>
      ) : (
        items.map((item) => <ItemView key={item.key} item={item} titled={false} />)
      )}
      {confirmed.length > 0 ? (
        <ConfirmToolCalls waiting={confirmed} calls={entries.flatMap(({ calls }) => calls)} />
      ) : null}
    </>
  );
}

function useItems(entries: readonly AuthorizationEntry[], inputs: readonly Input[]): Item[] {
  const { detail } = useOpenConversation();
  const consents = entries.map((entry): Item => {
    const { prompt, calls } = entry;
    return {
      kind: "consent",
      key: prompt.serverId,
      title: consentTitle(prompt),
      serverName: oneLine(prompt.serverName),
      entry,
      reading: readAuthorizationPrompt(prompt, detail.pausedToolCalls, calls),
    };
  });
  const questions = inputs.map((entry): Item => {
    const { prompt, call } = entry;
    return {
      kind: "input",
      key: prompt.toolCallId,
      title: inputTitle(entry),
      serverName: oneLine(prompt.serverName),
      entry,
      reading: readInputPrompt(prompt, detail.pausedToolCalls, call),
    };
  });
  return [...consents, ...questions];
}

function isAsking({ reading }: Item): boolean {
  return reading.phase === "consent" || reading.phase === "asking";
}

function titleOf(asking: readonly Item[]): string {
  return asking.every(({ kind }) => kind === "consent")
    ? `This answer needs ${asking.length} accounts`
    : `This answer needs ${asking.length} things from you`;
}

function ItemView({ item, titled }: { item: Item; titled: boolean }) {
  return item.kind === "consent" ? (
    <Consent item={item} titled={titled} />
  ) : (
    <Question item={item} titled={titled} />
  );
}

function Consent({ item, titled }: { item: Extract<Item, { kind: "consent" }>; titled: boolean }) {
  const { entry, reading, serverName } = item;
  switch (reading.phase) {
    case "consent":
      return (
        <ConsentEntry prompt={entry.prompt} calls={entry.calls} reading={reading} titled={titled} />
      );
    case "going-on":
      return <GoingOn words={`Connected · ${serverName}`} />;
    case "confirmation":
    case "connected":
      return (
        <QuietLine icon={<Check className="text-success-text" />}>
          Connected · {serverName}
          <ConnectedAccount serverId={entry.prompt.serverId} serverName={serverName} />
        </QuietLine>
      );
    case "skipped":
      return <QuietLine icon={<CircleSlash />}>Skipped · {serverName}</QuietLine>;
  }
}

function Question({ item, titled }: { item: Extract<Item, { kind: "input" }>; titled: boolean }) {
  const { entry, reading, serverName } = item;
  switch (reading.phase) {
    case "asking":
      return <InputEntry entry={entry} reading={reading} titled={titled} />;
    case "going-on":
      return <GoingOn words={`Answered · ${serverName}`} />;
    case "lost":
      return (
        <QuietLine icon={<CircleHelp />}>
          {serverName} no longer waits for an answer: Usher was interrupted.
        </QuietLine>
      );
    case "over":
      if (reading.accepted) {
        return (
          <QuietLine icon={<Check className="text-success-text" />}>
            Answered · {serverName}
          </QuietLine>
        );
      }
      return (
        <QuietLine icon={<CircleSlash />}>
          {reading.refused
            ? `Declined automatically · ${serverName}: ${reading.refused}`
            : `Not answered · ${serverName}`}
        </QuietLine>
      );
  }
}

function PromptFrame({
  icon,
  title,
  children,
}: {
  icon: ReactNode;
  title: string;
  children: ReactNode;
}) {
  return (
    <section
      aria-label={title}
      className="rounded-lg border border-accent-border bg-accent-subtle/50 p-3.5"
    >
      <div className="flex gap-3">
        <span
          aria-hidden="true"
          className="flex size-8 shrink-0 items-center justify-center rounded-md border border-accent-border bg-surface text-accent-text [&_svg]:size-4"
        >
          {icon}
        </span>
        <div className="grid min-w-0 flex-1 gap-2.5">
          <p className="pt-1 font-semibold text-base leading-6 tracking-tight [overflow-wrap:anywhere]">
            {title}
          </p>
          {children}
        </div>
      </div>
    </section>
  );
}

function QuietLine({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <p className="flex min-h-5 items-start gap-2 text-muted text-sm [overflow-wrap:anywhere]">
      <span aria-hidden="true" className="flex h-5 items-center [&_svg]:size-4">
        {icon}
      </span>
      <span>{children}</span>
    </p>
  );
}

/** Everything is there and the calls are about to run; a turn that did not start can be started by hand. */
function GoingOn({ words }: { words: string }) {
  const { session, state } = useOpenConversation();
  if (state.failure?.turn !== "resume") {
    return <QuietLine icon={<Spinner label="" />}>{words}. Continuing…</QuietLine>;
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
