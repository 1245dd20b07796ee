import { queryOptions } from "@tanstack/react-query";
import type { NoticeList } from "@/lib/contracts/notices/open-notice";
import { fetchJson } from "./fetch-json";

/** How often an open page asks again, in ms. */
const everyMs = 60_000;

/** Of the person who asks. Below the key of connections: what changes an account changes what needs somebody. */
export function noticesQuery() {
  return queryOptions({
    queryKey: ["connections", "notices"],
    queryFn: ({ signal }) => fetchJson<NoticeList>("/api/notices", { signal }),
    refetchInterval: everyMs,
    refetchOnWindowFocus: "always",
  });
}
