"use client";

import { Check, CircleSlash } from "lucide-react";
import { useId, useState } from "react";
import type { AccountPrompt } from "@/components/chat/input/account-prompt";
import { AccountRadios } from "@/components/chat/input/account-radios";
import { QuietLine } from "@/components/chat/input/quiet-line";
import { AnswerProblem, useDecision } from "@/components/chat/input/use-answers";
import type { AccountEntry as Entry } from "@/components/chat/turn/message-blocks";
import { useOpenConversation } from "@/components/chat/turn/use-conversation";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { Skeleton } from "@/components/ui/loading";
import { oneLine } from "@/lib/untrusted-text";

/** The card's title if it asks for this choice alone. */
export function accountChoiceTitle({ prompt }: Entry): string {
  return `Which account should ${oneLine(prompt.serverName)} use?`;
}

/** Asks which account the waiting calls are to use. Nothing is sent to the server before. */
export function AccountEntry({
  entry,
  reading: { waiting },
  titled,
}: {
  entry: Entry;
  reading: Extract<AccountPrompt, { phase: "asking" | "going-on" | "confirmation" }>;
  /** True among other entries: it shows its own title. */
  titled: boolean;
}) {
  const { busy } = useOpenConversation();
  const { decide, decision, error } = useDecision();
  const question = useId();
  const [first] = waiting;
  const accounts = first?.accounts ?? [];
  const [picked, setPicked] = useState<string | null>(null);
  const [keep, setKeep] = useState(false);
  const wanted = picked ?? first?.account ?? null;
  // The earlier choice may be gone.
  const account = accounts.find((each) => each.account === wanted)?.account ?? null;
  const ready = first !== undefined && !busy;
  const ids = waiting.map((call) => call.id);
  const open = entry.calls.filter((call) => call.phase === "needs-account");
  const titles = [...new Set(open.map((call) => call.title))];
  return (
    <>
      <div className="grid gap-1 text-muted text-sm [overflow-wrap:anywhere]">
        <p id={question} className={titled ? "font-medium text-base text-text" : "sr-only"}>
          {accountChoiceTitle(entry)}
        </p>
        <p>{oneLine(entry.prompt.reason)}</p>
        {titles.length > 0 ? (
          <p>
            Waiting: <span className="font-medium text-text">{titles.join(", ")}</span>
          </p>
        ) : null}
      </div>
      {first === undefined ? (
        <Skeleton className="h-24 w-full" />
      ) : (
        <AccountRadios
          accounts={accounts}
          value={account}
          onChange={setPicked}
          labelledBy={question}
          disabled={!ready || decision !== null}
        />
      )}
      <Checkbox
        label="Use it for the rest of this conversation"
        checked={keep}
        disabled={!ready || decision !== null}
        onChange={({ target }) => setKeep(target.checked)}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant="primary"
          disabled={!ready || account === null || decision === "skip"}
          loading={decision === "choose"}
          aria-describedby={question}
          onClick={() =>
            account !== null && void decide(ids, "choose", { account, keepAccount: keep })
          }
        >
          Continue
        </Button>
        <Button
          variant="ghost"
          disabled={!ready || decision === "choose"}
          loading={decision === "skip"}
          aria-describedby={question}
          onClick={() => void decide(ids, "skip")}
        >
          Skip
        </Button>
      </div>
      <AnswerProblem problem={error} />
    </>
  );
}

/** The outcome of a choice. */
export function AccountChosen({
  entry: { calls },
  isSkipped,
  serverName,
}: {
  entry: Entry;
  isSkipped: boolean;
  serverName: string;
}) {
  if (isSkipped) return <QuietLine icon={<CircleSlash />}>Skipped · {serverName}</QuietLine>;
  const accounts = new Set(calls.flatMap(({ account }) => account?.actingAs ?? []));
  return (
    <QuietLine icon={<Check className="text-success-text" />}>
      Account chosen · {serverName}
      {[...accounts].map((account) => (
        <span key={account}>
          {" · "}
          <bdi className="text-text">{account}</bdi>
        </span>
      ))}
    </QuietLine>
  );
}
