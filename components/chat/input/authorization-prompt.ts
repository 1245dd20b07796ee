"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { isOpen, type ToolCall } from "@/components/chat/tool-calls/tool-call";
import type { PausedToolCallView } from "@/lib/contracts/chat/chat";
import type { AuthorizationRequiredPart } from "@/lib/contracts/chat/prompt-parts";
import { firstAccount } from "@/lib/contracts/connections/account";
import {
  type AuthorizationCompleted,
  authorizationChannel,
  type ConnectionDetail,
} from "@/lib/contracts/connections/connection";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import { accountUsed } from "@/lib/contracts/servers/kinds";
import { conversationKey } from "@/lib/queries/chat";
import { connectionQuery, ownAccountsQuery } from "@/lib/queries/connections";

/**
 * - `consent`: the viewer, or another person (`whoCan`), has to consent
 * - `going-on`: consent was given; the calls are about to run
 * - `confirmation`: consent was given; these calls change data and need confirmation
 * - `connected`, `skipped`: over
 * - `replaced`: its calls now use another account
 */
export type AuthorizationPrompt =
  | {
      phase: "consent";
      waiting: PausedToolCallView[];
      /** Null: not known yet, while the turn that asks is being written. */
      canAuthorize: boolean | null;
      whoCan: string | null;
    }
  | { phase: "going-on"; waiting: PausedToolCallView[] }
  | { phase: "confirmation"; waiting: PausedToolCallView[] }
  | { phase: "connected" | "skipped" | "replaced" };

/**
 * @param paused of the whole conversation, as stored; empty until the turn that paused has ended
 * @param calls those that the prompt names
 */
export function readAuthorizationPrompt(
  prompt: AuthorizationRequiredPart,
  paused: readonly PausedToolCallView[],
  calls: readonly ToolCall[],
): AuthorizationPrompt {
  const named = paused.filter((call) => prompt.toolCallIds.includes(call.toolCallId));
  const own = named.filter((call) => waitsFor(call, prompt));
  if (named.length > 0 && own.length === 0) return { phase: "replaced" };
  const unauthorized = own.filter((call) => call.state === "AWAITING_AUTHORIZATION");
  if (unauthorized.some((call) => !call.connected)) {
    const who = unauthorized[0];
    return {
      phase: "consent",
      waiting: unauthorized,
      canAuthorize: who?.canAuthorize ?? true,
      whoCan: who?.whoCan ?? null,
    };
  }
  if (unauthorized.length > 0) return { phase: "going-on", waiting: unauthorized };
  const unconfirmed = own.filter((call) => call.state === "AWAITING_CONFIRMATION");
  if (unconfirmed.length > 0) return { phase: "confirmation", waiting: unconfirmed };

  const asked = own.length === 0 && calls.some((call) => call.phase === "needs-consent");
  if (asked) {
    const canAuthorize = accountUsed(prompt.tokenSharing) === "person" || null;
    return { phase: "consent", waiting: [], canAuthorize, whoCan: null };
  }
  if (calls.some((call) => isOpen(call.phase))) return { phase: "connected" };
  const taken = calls.some((call) => call.phase === "done" || call.phase === "failed");
  return { phase: taken ? "connected" : "skipped" };
}

/** A call whose account is gone now waits for another one, in that one's prompt. */
function waitsFor(call: PausedToolCallView, prompt: AuthorizationRequiredPart): boolean {
  if (call.state === "AWAITING_ACCOUNT") return false;
  const isPersons = prompt.tokenSharing === "PER_USER" || prompt.account !== undefined;
  return call.account === null || !isPersons || call.account === accountOf(prompt);
}

function accountToAuthorize(prompt: AuthorizationRequiredPart): { account?: string } {
  if (prompt.account !== undefined) return { account: prompt.account };
  const isFirst = prompt.tokenSharing === "PER_USER" && !prompt.asksForKey;
  return isFirst ? { account: firstAccount } : {};
}

function accountOf({ account = firstAccount }: AuthorizationRequiredPart): string {
  return account;
}

/** How often a connection is polled while its consent is in progress or awaited, in ms. */
const askEvery = 2_000;

export type Authorization = {
  /** `waiting`: the person opened the consent in another tab; `failed`: it came back without one. */
  attempt: "none" | "waiting" | "failed";
  /** Its current state; undefined until it is known. */
  connection: ConnectionDetail | undefined;
  /** For the link: the account that the calls wait for, and not the one that others use by default. */
  toAuthorize: { returnTo: string; account?: string };
  begin: () => void;
  cancel: () => void;
};

/**
 * Notices that consent was given, in any tab and on any machine, and reloads the conversation, which then
 * continues. Runs while a prompt for the consent is open.
 */
export function useAuthorization(
  conversationId: string,
  prompt: AuthorizationRequiredPart,
): Authorization {
  const { serverId, account } = prompt;
  const queryClient = useQueryClient();
  const [attempt, setAttempt] = useState<Authorization["attempt"]>("none");
  const { data } = useQuery({
    ...connectionQuery(serverId),
    staleTime: 0,
    retry: false,
    refetchInterval: askEvery,
  });
  const several = account !== undefined || data?.connection.accounts !== undefined;
  const { data: own } = useQuery({
    ...ownAccountsQuery(serverId),
    ...{ staleTime: 0, retry: false, refetchInterval: askEvery, enabled: several },
  });
  const awaited = own?.accounts.find((each) => each.account === (account ?? firstAccount));
  // The conversation's state is read again with each change.
  const standing = several
    ? awaited?.status
    : data && callsWork(data.connection.standing) && "connected";

  useEffect(() => {
    const channel = new BroadcastChannel(authorizationChannel);
    channel.onmessage = ({ data: message }: MessageEvent<unknown>) => {
      if (!isCompletion(message) || message.serverId !== serverId) return;
      if (message.outcome === "failed") return setAttempt("failed");
      void queryClient.invalidateQueries({ queryKey: conversationKey(conversationId) });
    };
    return () => channel.close();
  }, [conversationId, serverId, queryClient]);

  useEffect(() => {
    if (!standing) return;
    void queryClient.invalidateQueries({ queryKey: conversationKey(conversationId) });
  }, [standing, conversationId, queryClient]);

  return {
    attempt,
    connection: data,
    toAuthorize: { returnTo: `/chat/${conversationId}`, ...accountToAuthorize(prompt) },
    begin: () => setAttempt("waiting"),
    cancel: () => setAttempt("none"),
  };
}

/** Any script of this origin may post there. */
function isCompletion(message: unknown): message is AuthorizationCompleted {
  if (typeof message !== "object" || message === null) return false;
  const { type, serverId, outcome } = message as Record<string, unknown>;
  return (
    type === "authorization-completed" &&
    typeof serverId === "string" &&
    (outcome === "connected" || outcome === "failed")
  );
}
