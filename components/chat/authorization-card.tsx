"use client";

import { Check, CircleSlash, KeyRound, TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Spinner } from "@/components/ui/spinner";
import { type AuthorizationPrompt, readAuthorizationPrompt } from "./authorization-prompt";
import { ConfirmToolCalls } from "./confirm-tool-calls";
import { ConsentEntry, consentTitle } from "./consent-entry";
import { useOpenConversation } from "./conversation-context";
import type { AuthorizationEntry } from "./message-blocks";
import { PromptFrame, QuietLine } from "./prompt-frame";
import { oneLine } from "./tool-call";

type Read = AuthorizationEntry & { reading: AuthorizationPrompt; serverName: string };

/**
 * Asks for the consents that tool calls of this turn miss, each with what may become of it. It is
 * drawn from what is stored, so it stands the same after a reload and in another tab.
 */
export function AuthorizationCard({ entries }: { entries: readonly AuthorizationEntry[] }) {
  const { detail } = useOpenConversation();
  const read = entries.map(
    (entry): Read => ({
      ...entry,
      serverName: oneLine(entry.prompt.serverName),
      reading: readAuthorizationPrompt(entry.prompt, detail.pausedToolCalls, entry.calls),
    }),
  );
  const asking = read.filter(({ reading }) => reading.phase === "consent");
  const [first] = asking;
  const confirmed = read.flatMap(({ reading }) =>
    reading.phase === "confirmation" ? reading.waiting : [],
  );
  const lines = first && read.length === 1 ? null : read;
  return (
    <>
      {first ? (
        <PromptFrame
          icon={<KeyRound />}
          title={
            asking.length === 1
              ? consentTitle(first.prompt)
              : `This answer needs ${asking.length} accounts`
          }
        >
          {lines ? (
            <ul className="-mt-1 divide-y divide-accent-border">
              {lines.map((entry) => (
                <li key={entry.prompt.serverId} className="grid gap-2.5 py-3 last:pb-0">
                  <Entry entry={entry} titled={asking.length > 1} />
                </li>
              ))}
            </ul>
          ) : (
            <Entry entry={first} titled={false} />
          )}
        </PromptFrame>
      ) : (
        read.map((entry) => <Entry key={entry.prompt.serverId} entry={entry} titled={false} />)
      )}
      {confirmed.length > 0 ? (
        <ConfirmToolCalls waiting={confirmed} calls={entries.flatMap(({ calls }) => calls)} />
      ) : null}
    </>
  );
}

function Entry({ entry, titled }: { entry: Read; titled: boolean }) {
  const { prompt, calls, reading, serverName } = entry;
  switch (reading.phase) {
    case "consent":
      return <ConsentEntry prompt={prompt} calls={calls} reading={reading} titled={titled} />;
    case "going-on":
      return <GoingOn serverName={serverName} />;
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

function GoingOn({ serverName }: { serverName: string }) {
  const { session, state } = useOpenConversation();
  if (state.failure?.turn !== "resume") {
    return <QuietLine icon={<Spinner label="" />}>Connected · {serverName}. Going on…</QuietLine>;
  }
  return (
    <PromptFrame icon={<TriangleAlert />} title={`${serverName} is connected`}>
      <p className="text-muted text-sm">{state.failure.message}</p>
      <div>
        <Button variant="primary" size="sm" onClick={() => void session.resume()}>
          Go on
        </Button>
      </div>
    </PromptFrame>
  );
}
