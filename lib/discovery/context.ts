import type { OutboundFetch, OutboundLimits } from "@/lib/net/outbound-fetch";
import type { UrlDecision } from "@/lib/net/outbound-policy";

/** What finding out needs of the world. */
export interface DiscoveryContext {
  /** A fetch under {@link discoveryLimits}. */
  readonly outbound: OutboundFetch;
  /** Whether Usher may connect to this URL, as far as the URL alone tells. */
  readonly checkUrl: (url: string) => UrlDecision;
  /** This installation's client ID where authorization servers fetch such; null: it has none. */
  readonly clientMetadataUrl: string | null;
  readonly signal?: AbortSignal;
}

/** Of each request. Metadata have some kilobytes; redirects of a GET are checked like a first URL. */
export const discoveryLimits = {
  headersTimeoutMs: 8_000,
  totalTimeoutMs: 10_000,
  maxResponseBytes: 256 * 1024,
  redirects: "follow-checked",
} as const satisfies OutboundLimits;
