"use client";

import { Check, CircleSlash, KeyRound, MessageCircleQuestion, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import {
  AccountChosen,
  AccountEntry,
  accountChoiceTitle,
} from "@/components/chat/input/account-entry";
import { type AccountPrompt, readAccountPrompt } from "@/components/chat/input/account-prompt";
import {
  type AuthorizationPrompt,
  readAuthorizationPrompt,
} from "@/components/chat/input/authorization-prompt";
import { ConnectedAccount } from "@/components/chat/input/connected-account";
import { ConsentEntry, consentTitle } from "@/components/chat/input/consent-entry";
import { InputEntry, InputOver, inputTitle } from "@/components/chat/input/input-entry";
import { type InputPrompt, readInputPrompt } from "@/components/chat/input/input-prompt";
import { QuietLine } from "@/components/chat/input/quiet-line";
import { ConfirmToolCalls } from "@/components/chat/tool-calls/confirm-tool-calls";
import {
  type AuthorizationEntry,
  type AccountEntry as Choice,
  type InputEntry as Input,
  type Prompts,
  promptKey,
} from "@/components/chat/turn/message-blocks";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/loading";
import { oneLine } from "@/lib/untrusted-text";

type Item = { key: string; title: string; serverName: string } & (
  | { kind: "consent"; entry: AuthorizationEntry; reading: AuthorizationPrompt }
  | { kind: "account"; entry: Choice; reading: AccountPrompt }
  | { kind: "input"; entry: Input; reading: InputPrompt }
);

/**
 * Everything that this answer needs from the person: accounts to choose, missing consents, and servers' questions
 * during a call, each with its possible outcomes. It is rendered from what is stored, so it is the
 * same after a reload and in another tab.
 */
export function PromptCard({ prompts }: { prompts: Prompts }) {
  const { entries, choices } = prompts;
  const items = useItems(prompts);
  const asking = items.filter(isAsking);
  const [first] = asking;
  const confirmed = items.flatMap(({ reading }) =>
    reading.phase === "confirmation" ? reading.waiting : [],
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
        <ConfirmToolCalls
          waiting={[...new Set(confirmed)]}
          calls={[...entries, ...choices].flatMap(({ calls }) => calls)}
        />
      ) : null}
    </>
  );
}

function useItems({ entries, choices, inputs }: Prompts): Item[] {
  const { detail } = useOpenConversation();
  const consents = entries.map((entry): Item => {
    const { prompt, calls } = entry;
    return {
      kind: "consent",
      key: promptKey(prompt),
      title: consentTitle(prompt),
      serverName: oneLine(prompt.serverName),
      entry,
      reading: readAuthorizationPrompt(prompt, detail.pausedToolCalls, calls),
    };
  });
  const accounts = choices.map((entry): Item => {
    const { prompt, calls } = entry;
    return {
      kind: "account",
      key: `account ${prompt.serverId}`,
      title: accountChoiceTitle(entry),
      serverName: oneLine(prompt.serverName),
      entry,
      reading: readAccountPrompt(prompt, detail.pausedToolCalls, calls),
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
  return [...accounts, ...consents, ...questions].filter(
    ({ reading }) => reading.phase !== "replaced",
  );
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
  const { serverName } = item;
  switch (item.kind) {
    case "consent":
      return <Consent item={item} titled={titled} />;
    case "account": {
      const { entry, reading } = item;
      if (reading.phase === "asking") {
        return <AccountEntry entry={entry} reading={reading} titled={titled} />;
      }
      if (reading.phase === "going-on") return <GoingOn words={`Account chosen · ${serverName}`} />;
      const isSkipped = reading.phase === "skipped";
      return <AccountChosen entry={entry} isSkipped={isSkipped} serverName={serverName} />;
    }
    case "input": {
      const { entry, reading } = item;
      if (reading.phase === "asking") {
        return <InputEntry entry={entry} reading={reading} titled={titled} />;
      }
      if (reading.phase === "going-on") return <GoingOn words={`Answered · ${serverName}`} />;
      return <InputOver reading={reading} serverName={serverName} />;
    }
  }
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
          <ConnectedAccount
            serverId={entry.prompt.serverId}
            serverName={serverName}
            actingAs={entry.calls[0]?.account?.actingAs}
          />
        </QuietLine>
      );
    case "replaced":
      return null;
    case "skipped":
      return <QuietLine icon={<CircleSlash />}>Skipped · {serverName}</QuietLine>;
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

/** Everything is given and the calls are about to run; a turn that did not start can be started by hand. */
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
          Continue
        </Button>
      </div>
    </PromptFrame>
  );
}
