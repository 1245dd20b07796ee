import { fetchMetadata, type MetadataDocument } from "@/lib/oauth/metadata-document";
import type { DiscoveryContext } from "./context";
import { networkFailure } from "./line";

/** A metadata document; a place that cannot be reached has none, and says why. */
export async function fetchDocument(
  url: string,
  { outbound, signal }: DiscoveryContext,
): Promise<MetadataDocument> {
  try {
    return await fetchMetadata(url, (to, init) =>
      outbound(to, { ...init, ...(signal ? { signal } : {}) }),
    );
  } catch (error) {
    return { found: false, what: networkFailure(error).userMessage };
  }
}
