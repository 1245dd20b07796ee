import { queryOptions } from "@tanstack/react-query";
import type { PublicUrlCheck, SettingsView } from "@/lib/contracts/settings";
import { fetchJson } from "./fetch-json";

export function settingsQuery() {
  return queryOptions({
    queryKey: ["settings"],
    queryFn: ({ signal }) => fetchJson<SettingsView>("/api/settings", { signal }),
  });
}

/** Asks the server to reach itself by its public URL. */
export function checkPublicUrl(): Promise<PublicUrlCheck> {
  return fetchJson("/api/settings/public-url-check", { method: "POST" });
}
