import { type QueryClient, queryOptions } from "@tanstack/react-query";
import type {
  ModelProviderChange,
  ModelProviderInput,
  ModelProviderView,
  ModelsView,
  ModelTest,
  OfferedModelChange,
  OfferedModelInput,
  OfferedModelView,
  ProviderModels,
} from "@/lib/contracts/models";
import { chatAssistantsQuery } from "./chat";
import { fetchJson } from "./fetch-json";

const base = "/api/models";
const providerPath = (name: string) => `${base}/providers/${encodeURIComponent(name)}`;
const offeredPath = (id: string) => `${base}/offered/${encodeURIComponent(id)}`;

export function modelsQuery() {
  return queryOptions({
    queryKey: ["models"],
    queryFn: ({ signal }) => fetchJson<ModelsView>(base, { signal }),
  });
}

/** Queries the provider, which may take seconds. */
export function providerModelsQuery(provider: string, search: string) {
  return queryOptions({
    queryKey: ["models", "of", provider, search],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams(search ? { search } : {});
      return fetchJson<ProviderModels>(`${providerPath(provider)}/models?${query}`, { signal });
    },
    staleTime: 60_000,
  });
}

/** What is shown here, and what the chat offers. */
export async function modelsChanged(queryClient: QueryClient): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: modelsQuery().queryKey }),
    queryClient.invalidateQueries({ queryKey: ["settings"] }),
    queryClient.invalidateQueries({ queryKey: chatAssistantsQuery().queryKey }),
  ]);
}

/** @throws ProblemError, as all below */
export function addProvider(input: ModelProviderInput): Promise<ModelProviderView> {
  return fetchJson(`${base}/providers`, { method: "POST", body: input });
}

export function changeProvider(
  name: string,
  change: ModelProviderChange,
): Promise<ModelProviderView> {
  return fetchJson(providerPath(name), { method: "PATCH", body: change });
}

export function removeProvider(name: string): Promise<void> {
  return fetchJson(providerPath(name), { method: "DELETE" });
}

export function testProvider(name: string, model?: string): Promise<ModelTest> {
  return fetchJson(`${providerPath(name)}/test`, { method: "POST", body: { model } });
}

export function offerModel(input: OfferedModelInput): Promise<OfferedModelView> {
  return fetchJson(`${base}/offered`, { method: "POST", body: input });
}

export function changeOfferedModel(
  id: string,
  change: OfferedModelChange,
): Promise<OfferedModelView> {
  return fetchJson(offeredPath(id), { method: "PUT", body: change });
}

export function withdrawModel(id: string): Promise<void> {
  return fetchJson(offeredPath(id), { method: "DELETE" });
}

export function setDefaultModel(id: string | null): Promise<ModelsView> {
  return fetchJson(`${base}/default`, { method: "PUT", body: { id } });
}
