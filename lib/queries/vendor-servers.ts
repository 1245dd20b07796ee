import { queryOptions } from "@tanstack/react-query";
import type * as z from "zod";
import type {
  VendorServer,
  vendorServerList,
  vendorServerMatch,
} from "@/lib/contracts/catalogue/vendor-server";
import { fetchJson } from "./fetch-json";

const base = "/api/catalogue";
/** The catalogue comes with the installation. */
const unchanging = { staleTime: Number.POSITIVE_INFINITY };

/** The tiles to choose from. */
export function vendorServersQuery() {
  return queryOptions({
    queryKey: ["catalogue", "list"],
    queryFn: ({ signal }) => fetchJson<z.infer<typeof vendorServerList>>(base, { signal }),
    select: ({ servers }) => servers,
    ...unchanging,
  });
}

export function vendorServerQuery(id: string) {
  return queryOptions({
    queryKey: ["catalogue", "server", id],
    queryFn: ({ signal }) =>
      fetchJson<VendorServer>(`${base}/${encodeURIComponent(id)}`, { signal }),
    ...unchanging,
  });
}

/** What is known about a pasted URL; null: nothing. */
export function vendorServerOfUrlQuery(url: string) {
  return queryOptions({
    queryKey: ["catalogue", "match", url],
    queryFn: ({ signal }) =>
      fetchJson<z.infer<typeof vendorServerMatch>>(
        `${base}/match?${new URLSearchParams({ url })}`,
        { signal },
      ),
    select: ({ server }) => server,
    retry: false,
    ...unchanging,
  });
}
