"use client";

import { useQueries } from "@tanstack/react-query";
import type { KnownServer, ServerChoice } from "@/components/assistants/tool-selection";
import type { AssistantFormContext, ToolLeftOut } from "@/lib/contracts/assistant";
import type { ToolReview } from "@/lib/contracts/servers/tool-policy";
import { assistantServerQuery, toolsToChooseQuery } from "@/lib/queries/assistants";

export type ChosenServers = {
  /** All of them; the chosen ones with their tools once these are loaded. */
  known: KnownServer[];
  /** By server: its tools that differ from what was accepted. */
  reviews: ReadonlyMap<string, readonly ToolReview[]>;
  /** As saved. */
  leftOut: ToolLeftOut[];
  /** By server: reloads what could not be loaded. */
  retries: ReadonlyMap<string, () => void>;
};

/** Loads the tools of chosen servers one by one: those of all servers together are megabytes. */
export function useChosenServers(
  servers: AssistantFormContext["servers"],
  choices: readonly ServerChoice[],
  /** From when the form opened. */
  start: readonly ServerChoice[],
  /** Null for a new one. */
  assistantId: string | null,
): ChosenServers {
  const chosen = choices.map(({ serverId }) => serverId);
  const tools = useQueries({ queries: chosen.map((id) => toolsToChooseQuery(id)) });
  const stored = assistantId === null ? [] : start.map(({ serverId }) => serverId);
  const saved = useQueries({
    queries: stored.map((id) => assistantServerQuery(assistantId ?? "", id)),
  });
  return {
    known: servers.map((server) => {
      const at = chosen.indexOf(server.id);
      // Ticking a tool accepts it as reviewed, so its review has to be loaded as well.
      const review = saved[stored.indexOf(server.id)];
      const isHere = at >= 0 && (review === undefined || review.data !== undefined);
      return { ...server, tools: (isHere ? tools[at]?.data : null) ?? null };
    }),
    reviews: new Map(stored.map((id, at) => [id, saved[at]?.data?.toolReviews ?? []])),
    leftOut: saved.flatMap(({ data }) => data?.toolsLeftOut ?? []),
    retries: new Map(
      chosen.flatMap((id, at) => {
        const failed = [tools[at], saved[stored.indexOf(id)]].filter((query) => query?.isError);
        const retry = () => {
          for (const query of failed) void query?.refetch();
        };
        return failed.length > 0 ? [[id, retry] as const] : [];
      }),
    ),
  };
}
