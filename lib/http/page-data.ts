import { dehydrate, type FetchQueryOptions, QueryClient } from "@tanstack/react-query";
import { headers } from "next/headers";
import { statusOf } from "./error-response";

/**
 * Data that a page would fetch at once, read with it. Only for documents: a prefetched page may never be
 * seen. If reading fails, the page fetches it again and reports the problem.
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

/** Null for 404: the page then says so itself. */
export async function ifFound<Found>(looking: Promise<Found>): Promise<Found | null> {
  try {
    return await looking;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}
