import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import type { DiscoveryLine, DiscoveryStep } from "@/lib/contracts/servers/discovery";
import { OutboundRefusedError, UnreachableError, type UsherError } from "@/lib/errors";
import type { OutboundFetch, OutboundLimits } from "@/lib/net/fetch";
import type { UrlDecision } from "@/lib/net/policy";
import type { ExchangeSupport } from "@/lib/oauth/exchange/support";
import { fetchMetadata, type MetadataDocument } from "@/lib/oauth/metadata-document";

/** The dependencies of a discovery. */
export interface DiscoveryContext {
  /** A fetch under {@link discoveryLimits}. */
  readonly outbound: OutboundFetch;
  /** Whether Usher may connect to this URL, as far as the URL alone shows. */
  readonly checkUrl: (url: string) => UrlDecision;
  /** This installation's client ID if authorization servers fetch such documents; null: it has none. */
  readonly clientMetadataUrl: string | null;
  /** What the catalogue knows about an MCP server's URL; null: nothing. Absent: it is not compared. */
  readonly vendorServerFor?: (url: string) => VendorServer | null;
  /** Whether the identity provider of this installation issues ID-JAGs. Absent or null: none is set up. */
  readonly identityProvider?: () => Promise<IdentityProviderSupport | null>;
  readonly signal?: AbortSignal;
}

export interface IdentityProviderSupport {
  /** Its name for people. */
  provider: string;
  supported: ExchangeSupport;
}

/** For each request. Metadata have some kilobytes; redirects of a GET are checked like a first URL. */
export const discoveryLimits = {
  headersTimeoutMs: 8_000,
  totalTimeoutMs: 10_000,
  maxResponseBytes: 256 * 1024,
  redirects: "follow-checked",
} as const satisfies OutboundLimits;

/** The specification of each request and its response. */
export const clauses = {
  challenge: rfc(9728, "5.1"),
  resourceRequest: rfc(9728, "3.1"),
  resourceValidation: rfc(9728, "3.3"),
  issuerValidation: rfc(8414, "3.3"),
  grant: rfc(8414, "2"),
  pkce: mcp("PKCE", "authorization/security-considerations#authorization-code-protection"),
  registration: mcp("registration", "authorization/client-registration"),
  dynamicRegistration: rfc(7591, "3"),
  revocation: rfc(7009, "2"),
  scopes: mcp("scope selection", "authorization#scope-selection-strategy"),
  defaults: {
    name: "MCP 2025-03-26, fallbacks without metadata",
    url: "https://modelcontextprotocol.io/specification/2025-03-26/basic/authorization#fallbacks-for-servers-without-metadata-discovery",
  },
  address: mcp("Streamable HTTP", "transports/streamable-http"),
} as const;

type Clause = DiscoveryLine["clause"];

/** A line that was started: the request is known, the answer is not. */
interface BegunLine {
  readonly running: DiscoveryLine;
  ended(
    state: Exclude<DiscoveryLine["state"], "running">,
    answered: string,
    advice?: string | null,
    clause?: Clause,
  ): DiscoveryLine;
}

export function beginLine(step: DiscoveryStep, asked: string, clause: Clause): BegunLine {
  const line = { id: `${step} ${asked}`, step, asked, clause };
  return {
    running: { ...line, state: "running", answered: null, advice: null },
    ended: (state, answered, advice = null, otherClause = clause) => ({
      ...line,
      state,
      answered,
      advice,
      clause: otherClause,
    }),
  };
}

/** A failure of the network or of the guard is not a bug; others are rethrown. */
export function networkFailure(error: unknown): UsherError {
  if (error instanceof UnreachableError || error instanceof OutboundRefusedError) return error;
  throw error;
}

function rfc(number: number, section: string): Clause {
  return {
    name: `RFC ${number} §${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
  };
}

function mcp(name: string, page: string): Clause {
  const base = "https://modelcontextprotocol.io/specification/2026-07-28/basic/";
  return { name: `MCP 2026-07-28, ${name}`, url: base + page };
}

/** A metadata document; an unreachable location has none, and says why. */
export async function fetchDocument(
  url: string,
  { outbound, signal }: DiscoveryContext,
): Promise<MetadataDocument> {
  try {
    return await fetchMetadata(url, (to, init) =>
      outbound(to, { ...init, ...(signal ? { signal } : {}) }),
    );
  } catch (error) {
    const { userMessage } = networkFailure(error);
    const isAway = error instanceof UnreachableError && error.reason !== "too_large";
    return {
      found: false,
      what: userMessage,
      away: isAway ? userMessage : null,
      isUnreachable: true,
    };
  }
}
