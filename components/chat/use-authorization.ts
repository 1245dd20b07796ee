"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import {
  type AuthorizationCompleted,
  authorizationChannel,
  type ConnectionStatus,
} from "@/lib/contracts/connection";
import { conversationKey } from "@/lib/queries/chat";
import { connectionQuery } from "@/lib/queries/connections";

/** How often a connection is asked for while its consent is under way or awaited, in ms. */
const askEvery = 2_000;

export type Authorization = {
  /** `waiting`: the person opened the consent in another tab; `failed`: it came back without one. */
  attempt: "none" | "waiting" | "failed";
  begin: () => void;
  cancel: () => void;
};

/**
 * Hears that a consent was given, in whatever tab and on whatever machine, and has the conversation
 * read anew, which then goes on. `awaited`: a prompt for it is open.
 */
export function useAuthorization(
  conversationId: string,
  serverId: string,
  awaited: boolean,
): Authorization {
  const queryClient = useQueryClient();
  const [attempt, setAttempt] = useState<Authorization["attempt"]>("none");
  const { data } = useQuery({
    ...connectionQuery(serverId),
    enabled: awaited,
    staleTime: 0,
    retry: false,
    refetchInterval: askEvery,
  });
  const status: ConnectionStatus | null = data?.connection.status ?? null;

  useEffect(() => {
    if (!awaited) return;
    const channel = new BroadcastChannel(authorizationChannel);
    channel.onmessage = ({ data: message }: MessageEvent<unknown>) => {
      if (!isCompletion(message) || message.serverId !== serverId) return;
      if (message.outcome === "failed") return setAttempt("failed");
      void queryClient.invalidateQueries({ queryKey: conversationKey(conversationId) });
    };
    return () => channel.close();
  }, [awaited, conversationId, serverId, queryClient]);

  useEffect(() => {
    if (!awaited || status !== "connected") return;
    void queryClient.invalidateQueries({ queryKey: conversationKey(conversationId) });
  }, [awaited, status, conversationId, queryClient]);

  useEffect(() => {
    if (!awaited) setAttempt("none");
  }, [awaited]);

  return {
    attempt,
    begin: () => setAttempt("waiting"),
    cancel: () => setAttempt("none"),
  };
}

/** Whatever script of this origin may post there. */
function isCompletion(message: unknown): message is AuthorizationCompleted {
  if (typeof message !== "object" || message === null) return false;
  const { type, serverId, outcome } = message as Record<string, unknown>;
  return (
    type === "authorization-completed" &&
    typeof serverId === "string" &&
    (outcome === "connected" || outcome === "failed")
  );
}
