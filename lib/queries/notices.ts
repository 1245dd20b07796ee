import { queryOptions } from "@tanstack/react-query";
import type { NoticeList } from "@/lib/contracts/notices/open-notice";
import { fetchJson } from "./fetch-json";

/** How often an open page refetches, in ms. */
const everyMs = 60_000;

/** For the requesting person. Below the key of connections: what changes an account changes what needs attention. */
export function noticesQuery() {
  return queryOptions({
    queryKey: ["connections", "notices"],
    queryFn: ({ signal }) => fetchJson<NoticeList>("/api/notices", { signal }),
    refetchInterval: everyMs,
    refetchOnWindowFocus: "always",
  });
}
