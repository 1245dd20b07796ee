"use client";

import { X } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { toast } from "sonner";
import {
  type AuthorizationOutcome,
  failureWords,
  whoseCalls,
} from "@/components/connections/authorization-outcome";
import { AuthorizeAnchor } from "@/components/connections/authorize-link";
import { useWords } from "@/components/shell/viewer-words";
import { Button, IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import {
  type AuthorizationCompleted,
  authorizationChannel,
  authorizationCompleted,
} from "@/lib/contracts/connections/connection";

/**
 * Reports the outcome of the authorization that the person comes back from: a toast if it succeeded, a
 * callout that stays if it failed. The outcome is removed from the URL, so a reload does not repeat it.
 */
export function OutcomeNotice({
  outcome,
  serverName,
  serverId,
  accountName,
  accounts = 1,
  path,
  returnTo = path,
  nameInTitle = false,
}: {
  outcome: AuthorizationOutcome;
  serverName: string | undefined;
  serverId: string | undefined;
  /** The connected account's name at the provider, if known. */
  accountName: string | null | undefined;
  /** Of the person at this server. With several, `accountName` is the default's and may not be the one just connected. */
  accounts?: number | undefined;
  /** This page, without an outcome. */
  path: string;
  /** Where another authorization leads back to. */
  returnTo?: string | undefined;
  /** For a page that is about more than this server. */
  nameInTitle?: boolean | undefined;
}) {
  const [shown, setShown] = useState(outcome);
  const told = useRef(false);
  const words = useWords();
  useEffect(() => {
    if (!outcome || told.current) return;
    told.current = true;
    window.history.replaceState(null, "", path);
    if (outcome.kind === "connected") {
      toast.success(serverName ? `${serverName} is connected` : "Connected", {
        description: whoseCalls(accounts, accountName ?? null),
      });
    }
  }, [outcome, path, serverName, accountName, accounts]);

  if (shown?.kind !== "failed") return null;
  const { title, next, again } = failureWords(shown.reason);
  return (
    <Callout
      tone={shown.reason === "denied" || shown.reason === "expired" ? "warning" : "danger"}
      title={nameInTitle && serverName ? `${serverName}: ${lowerFirst(title)}` : title}
      announce
      action={
        <>
          {again && serverId ? (
            <Button asChild size="sm">
              <AuthorizeAnchor serverId={serverId} returnTo={returnTo}>
                Authorize again
              </AuthorizeAnchor>
            </Button>
          ) : null}
          <IconButton label="Dismiss" size="sm" onClick={() => setShown(null)}>
            <X aria-hidden="true" />
          </IconButton>
        </>
      }
    >
      {words(next)}
    </Callout>
  );
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Calls back when an authorization ended in another tab of this browser. */
export function useAuthorizationCompleted(callback: (completed: AuthorizationCompleted) => void) {
  const onCompleted = useEffectEvent(callback);
  useEffect(() => {
    const channel = new BroadcastChannel(authorizationChannel);
    channel.onmessage = (event: MessageEvent<unknown>) => {
      const message = authorizationCompleted.safeParse(event.data);
      if (message.success) onCompleted(message.data);
    };
    return () => channel.close();
  }, []);
}
