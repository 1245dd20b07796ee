"use client";

import { Check, CircleHelp, CircleSlash, KeyRound, MessageCircleQuestion } from "lucide-react";
import { ConfirmToolCalls } from "@/components/chat/tool-calls/confirm-tool-calls";
import { useOpenConversation } from "@/components/chat/turn/conversation-context";
import type {
  AuthorizationEntry,
  InputEntry as Input,
} from "@/components/chat/turn/message-blocks";
import { oneLine } from "@/lib/untrusted-text";
import { type AuthorizationPrompt, readAuthorizationPrompt } from "./authorization-prompt";
import { ConsentEntry, consentTitle } from "./consent-entry";
import { GoingOn } from "./going-on";
import { InputEntry, inputTitle } from "./input-entry";
import { type InputPrompt, readInputPrompt } from "./input-prompt";
import { PromptFrame, QuietLine } from "./prompt-frame";

/** One thing that the card asks for or asked for. */
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
            ? `Declined for you · ${serverName}: ${reading.refused}`
            : `Not answered · ${serverName}`}
        </QuietLine>
      );
  }
}
