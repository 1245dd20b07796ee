"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import Link from "next/link";
import { useEffect, useRef, useState } from "react";
import { failureWords, whoseCalls } from "@/components/connections/authorization-outcome";
import { SignInCard } from "@/components/shell/sign-in-card";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";
import {
  type AuthorizationCompleted,
  authorizationChannel,
} from "@/lib/contracts/connections/connection";
import { connectionQuery } from "@/lib/queries/connections";
import { oneLine } from "@/lib/untrusted-text";
import type { AuthorizationOutcome } from "./authorization-outcome";

const closeAfterMs = 1200;

export type AuthorizationCompleteProps = {
  outcome: NonNullable<AuthorizationOutcome>;
  serverId: string | null;
  /** The chat opened this tab and waits in another one. Closing it leads back. */
  tab: boolean;
};

/** The last page of an authorization that started in the chat: notifies the chat, and closes itself. */
export function AuthorizationComplete({ outcome, serverId, tab }: AuthorizationCompleteProps) {
  const connected = outcome.kind === "connected";
  useCompletionMessage(serverId, outcome.kind);
  const { kept, close } = useClosing(tab && connected);
  const words = connected ? null : failureWords(outcome.reason);
  const Icon = connected ? CircleCheck : CircleX;

  return (
    <SignInCard
      title={words?.title ?? "Connected"}
      footer={
        <span role="status">
          {kept ? "Your browser kept this tab open. Close it yourself." : null}
        </span>
      }
    >
      <div className="flex gap-3">
        <Icon
          aria-hidden="true"
          className={cn(
            "mt-0.5 size-5 shrink-0",
            connected ? "text-success-text" : "text-danger-text",
          )}
        />
        <div className="grid min-w-0 gap-2 text-base [overflow-wrap:anywhere]">
          {words ? <p>{words.next}</p> : <Connected serverId={serverId} tab={tab} />}
          {words?.again && tab ? (
            <p className="text-muted">Close this tab and authorize again from the chat.</p>
          ) : null}
        </div>
      </div>
      <div className="mt-5 grid gap-2">
        {tab ? (
          <Button variant="primary" size="lg" onClick={close}>
            Close this tab
          </Button>
        ) : null}
        <Button asChild size="lg" variant={tab ? "secondary" : "primary"}>
          <Link href="/connections">Go to Connections</Link>
        </Button>
      </div>
    </SignInCard>
  );
}

/** The name needs a session; without one the text is the same except for it. */
function Connected({ serverId, tab }: Pick<AuthorizationCompleteProps, "serverId" | "tab">) {
  const server = useQuery({
    ...connectionQuery(serverId ?? ""),
    enabled: serverId !== null,
    retry: false,
  });
  const { accountName = null, accounts = 1 } = server.data?.connection ?? {};
  // With several accounts, the name is that of the default.
  const name = accounts > 1 ? null : accountName;
  return (
    <p>
      {server.data?.serverName ?? "Your account"} is connected
      {name === null ? null : (
        <>
          {" as "}
          <bdi className="font-medium">{oneLine(name)}</bdi>
        </>
      )}
      .{" "}
      {tab
        ? "You can close this tab. Your chat continues automatically."
        : whoseCalls(accounts, null)}
    </p>
  );
}

function useCompletionMessage(serverId: string | null, outcome: "connected" | "failed") {
  const sent = useRef(false);
  useEffect(() => {
    if (!serverId || sent.current) return;
    sent.current = true;
    const channel = new BroadcastChannel(authorizationChannel);
    channel.postMessage({
      type: "authorization-completed",
      serverId,
      outcome,
    } satisfies AuthorizationCompleted);
    channel.close();
  }, [serverId, outcome]);
}

/** A browser lets a page close only a tab that a script opened; `kept` means that it did not. */
function useClosing(byItself: boolean) {
  const [kept, setKept] = useState(false);
  useEffect(() => {
    if (!byItself) return;
    const timer = setTimeout(() => window.close(), closeAfterMs);
    return () => clearTimeout(timer);
  }, [byItself]);
  function close() {
    window.close();
    setTimeout(() => setKept(true), 300);
  }
  return { kept, close };
}
