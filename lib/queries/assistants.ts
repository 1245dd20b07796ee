import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type * as z from "zod";
import type {
  AssistantDetail,
  AssistantFormContext,
  AssistantInput,
  AssistantServerView,
  assistantList,
  SavedAssistant,
} from "@/lib/contracts/assistant";
import type { toolsToChoose } from "@/lib/contracts/servers/catalogue";
import { chatAssistantsQuery } from "./chat";
import { fetchJson } from "./fetch-json";

const base = "/api/assistants";

/** Prefix of every query about assistants. */
const assistantsKey = ["assistants"] as const;

function pathOf(assistantId: string): string {
  return `${base}/${encodeURIComponent(assistantId)}`;
}

export function assistantsQuery() {
  return queryOptions({
    queryKey: [...assistantsKey, "list"],
    queryFn: ({ signal }) => fetchJson<z.infer<typeof assistantList>>(base, { signal }),
  });
}

export function assistantQuery(assistantId: string) {
  return queryOptions({
    queryKey: [...assistantsKey, "detail", assistantId],
    queryFn: ({ signal }) => fetchJson<AssistantDetail>(pathOf(assistantId), { signal }),
    // A form opens with what is stored now, not with a cached response.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

export function assistantFormContextQuery() {
  return queryOptions({
    queryKey: [...assistantsKey, "form-context"],
    queryFn: ({ signal }) => fetchJson<AssistantFormContext>(`${base}/form-context`, { signal }),
    staleTime: 0,
  });
}

/** One of its servers' tools, as saved with them: read once, when the form opens. */
export function assistantServerQuery(assistantId: string, serverId: string) {
  return queryOptions({
    queryKey: [...assistantsKey, "server", assistantId, serverId],
    queryFn: ({ signal }) =>
      fetchJson<AssistantServerView>(
        `${pathOf(assistantId)}/servers/${encodeURIComponent(serverId)}`,
        { signal },
      ),
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
}

/** A server's tools, to choose from. */
export function toolsToChooseQuery(serverId: string) {
  return queryOptions({
    queryKey: [...assistantsKey, "tools", serverId],
    queryFn: ({ signal }) =>
      fetchJson<z.infer<typeof toolsToChoose>>(
        `/api/mcp-servers/${encodeURIComponent(serverId)}/tools`,
        { signal },
      ),
    select: ({ tools }) => tools,
    staleTime: 0,
  });
}

/** @throws ProblemError with `fields` if the input needs a correction */
export function saveAssistant(
  assistantId: string | null,
  input: AssistantInput,
): Promise<SavedAssistant> {
  return assistantId === null
    ? fetchJson(base, { method: "POST", body: input })
    : fetchJson(pathOf(assistantId), { method: "PUT", body: input });
}

export function deleteAssistant(assistantId: string): Promise<void> {
  return fetchJson(pathOf(assistantId), { method: "DELETE" });
}

/** After a change, the lists here and in the chat are refetched. */
export async function assistantsChanged(queryClient: QueryClient): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: assistantsQuery().queryKey }),
    queryClient.invalidateQueries({ queryKey: chatAssistantsQuery().queryKey }),
  ]);
}
