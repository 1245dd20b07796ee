import { dehydrate, type FetchQueryOptions, QueryClient } from "@tanstack/react-query";
import { headers } from "next/headers";
import { statusOf } from "./error-response";

/**
 * What a page would ask for as soon as it is alive, read along with it. Only for a document: what the
 * router fetches in advance may never be seen. A read that fails is asked for again, and told, by the page.
 *
 * @returns JSON for components/ui/first-data.tsx
 */
export async function firstData(
  ...queries: Pick<FetchQueryOptions, "queryKey" | "queryFn">[]
): Promise<string> {
  const client = new QueryClient();
  if ((await headers()).get("sec-fetch-dest") !== "empty") {
    await Promise.all(queries.map((query) => client.prefetchQuery(query)));
  }
  return JSON.stringify(dehydrate(client));
}

/** Null where it is not there (404): a page then says so in its own words. */
export async function ifFound<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}
