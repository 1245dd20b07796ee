"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import {
  type AuthorizationCompleted,
  authorizationChannel,
  type ConnectionListItem,
} from "@/lib/contracts/connections/connection";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import { conversationKey } from "@/lib/queries/chat";
import { connectionQuery } from "@/lib/queries/connections";

/** How often a connection is asked for while its consent is under way or awaited, in ms. */
const askEvery = 2_000;

export type Authorization = {
  /** `waiting`: the person opened the consent in another tab; `failed`: it came back without one. */
  attempt: "none" | "waiting" | "failed";
  /** As it stands; undefined until it is known. */
  connection: ConnectionListItem | undefined;
  begin: () => void;
  cancel: () => void;
};

/**
 * Hears that a consent was given, in whatever tab and on whatever machine, and has the conversation
 * read anew, which then goes on. For as long as a prompt for it is open.
 */
export function useAuthorization(conversationId: string, serverId: string): Authorization {
  const queryClient = useQueryClient();
  const [attempt, setAttempt] = useState<Authorization["attempt"]>("none");
  const { data } = useQuery({
    ...connectionQuery(serverId),
    staleTime: 0,
    retry: false,
    refetchInterval: askEvery,
  });
  const works = data !== undefined && callsWork(data.connection.standing);

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
    if (!works) return;
    void queryClient.invalidateQueries({ queryKey: conversationKey(conversationId) });
  }, [works, conversationId, queryClient]);

  return {
    attempt,
    connection: data,
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
