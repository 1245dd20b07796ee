import { queryOptions } from "@tanstack/react-query";
import type { GetStartedChange, GetStartedView } from "@/lib/contracts/get-started";
import { fetchJson } from "./fetch-json";

const path = "/api/get-started";

/** For the requesting admin. */
export function getStartedQuery() {
  return queryOptions({
    queryKey: ["get-started"],
    queryFn: ({ signal }) => fetchJson<GetStartedView>(path, { signal }),
  });
}

/** @throws ProblemError */
export function changeGetStarted(change: GetStartedChange): Promise<GetStartedView> {
  return fetchJson(path, { method: "PUT", body: change });
}
