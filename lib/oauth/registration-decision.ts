import type { RegistrationMode, RegistrationReason } from "@/lib/contracts/servers/oauth-client";
import type { AuthorizationServerMetadata } from "@/lib/oauth/authorization-server-metadata";
import type { FetchDocument } from "@/lib/oauth/metadata-document";
import { isWebPage } from "@/lib/oauth/parameters";
import { blamesWhatWasAsked } from "@/lib/oauth/reading/blamed-part";
import { saysClientIsOver } from "@/lib/oauth/refusal";
import { toldError } from "@/lib/oauth/told-error";
import { parseUrl } from "@/lib/parse-url";

/**
 * How to become a client of this server: with our own document if it fetches such (it is tied only to
 * this installation and never forgotten), otherwise by registering, otherwise by hand.
 *
 * @param clientMetadataUrl null if this installation has no document that others could fetch
 * @param preferred an admin's choice; `DYNAMIC` then takes precedence over the document
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/client-registration
 */
export function registrationMode(
  server: Pick<
    AuthorizationServerMetadata,
    "clientIdMetadataDocumentSupported" | "registrationEndpoint" | "tokenEndpointAuthMethods"
  >,
  clientMetadataUrl: string | null,
  preferred: RegistrationMode | null = null,
): RegistrationMode {
  const { tokenEndpointAuthMethods: methods } = server;
  const registers = server.registrationEndpoint !== null && methods.length > 0;
  if (preferred === "DYNAMIC" && registers) return "DYNAMIC";
  if (
    clientMetadataUrl !== null &&
    server.clientIdMetadataDocumentSupported &&
    methods.includes("NONE")
  ) {
    return "METADATA_DOCUMENT";
  }
  return registers ? "DYNAMIC" : "PRE_REGISTERED";
}

/** The stored credentials, and what they are for. */
export interface Registration {
  readonly mode: RegistrationMode;
  /** Empty: there are none yet. */
  readonly clientId: string;
  /** Their issuer; null: unknown. */
  readonly issuer: string | null;
  readonly redirectUri: string | null;
  readonly clientSecretExpiresAt: Date | null;
  readonly reason: RegistrationReason | null;
  /** Tokens were granted to them at least once. */
  readonly proven: boolean;
}

export type RegistrationDecision =
  | { use: "stored" }
  | { use: "new"; mode: "METADATA_DOCUMENT" | "DYNAMIC"; reason: RegistrationReason }
  /**
   * `forgotten_again`: the client registered for that reason is not known either. `by_hand`: a person
   * must register Usher there.
   */
  | { use: "none"; reason: "forgotten_again" | "by_hand" };

/**
 * Whether the stored credentials may go to this authorization server, which is the only one that
 * may see them. Another server's are never sent, whatever the MCP server says.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/client-registration#authorization-server-binding
 */
export function decideRegistration(
  stored: Registration,
  now: {
    /** From the metadata that were validated for it. */
    issuer: string;
    mode: RegistrationMode;
    redirectUri: string;
    clientMetadataUrl: string | null;
    at: Date;
    /** It said that it does not know the stored client. */
    forgotten: boolean;
  },
): RegistrationDecision {
  const reason = reasonToRegister(stored, now);
  if (reason === null) return { use: "stored" };
  // A person entered these; only a person knows others.
  if (stored.mode === "PRE_REGISTERED") return { use: "none", reason: "by_hand" };
  if (reason === "forgotten" && stored.reason === "forgotten" && !stored.proven) {
    return { use: "none", reason: "forgotten_again" };
  }
  return now.mode === "PRE_REGISTERED"
    ? { use: "none", reason: "by_hand" }
    : { use: "new", mode: now.mode, reason };
}

function reasonToRegister(
  stored: Registration,
  now: Parameters<typeof decideRegistration>[1],
): RegistrationReason | null {
  if (stored.clientId === "") return "first";
  if (stored.issuer !== null && stored.issuer !== now.issuer) return "issuer_changed";
  if (stored.mode === "PRE_REGISTERED") return null;
  if (stored.redirectUri !== null && stored.redirectUri !== now.redirectUri) {
    return "callback_changed";
  }
  // The document's URL is the client ID: an old URL may no longer be reachable.
  if (stored.mode === "METADATA_DOCUMENT" && stored.clientId !== now.clientMetadataUrl) {
    return "callback_changed";
  }
  const { clientSecretExpiresAt: expiry } = stored;
  if (expiry !== null && expiry <= now.at) return "secret_expired";
  return now.forgotten ? "forgotten" : null;
}

const UNKNOWN_CLIENT: ReadonlySet<string> = new Set(["invalid_client", "invalid_client_id"]);
/** A 4xx that says nothing about the request. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429]);
/** The text of a page that shows the error only in words. */
const IN_WORDS =
  /\binvalid_client\b|\bclient is invalid\b|\bunknown client\b|\bclient not found\b/i;
const LONGEST_READ = 64 * 1024;

/** The text of a page or a response, without its markup, up to its first few sentences. */
function wordsOf(page: string): string {
  return page.replace(/<(style|script|head)\b[\s\S]*?<\/\1>/gi, " ").replace(/<[^>]*>/g, " ");
}

/** An error for: this client ID is not known here. Its text may show that it is about something else. */
export function saysClientUnknown(error: string | null, said: string | null): boolean {
  const isCode = error !== null && UNKNOWN_CLIENT.has(error.toLowerCase());
  return isCode && !blamesWhatWasAsked(error, said);
}

/**
 * Whether an authorization endpoint no longer knows a client. It would only tell the person who is sent
 * there, in its own words and without sending them back; so it is asked first, like by a browser that
 * shows nothing (`prompt=none`). Anything except a clear refusal counts as known.
 *
 * @param authorizationUrl with a state and a code challenge that are not used afterwards
 * @throws UnreachableError | OutboundRefusedError from the given fetch
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
 */
export async function isClientForgotten(
  authorizationUrl: string,
  fetch: FetchDocument,
): Promise<boolean> {
  const url = new URL(authorizationUrl);
  url.searchParams.set("prompt", "none");
  const response = await fetch(url.href, { redirect: "manual" });
  const location = response.headers.get("location");
  if (location !== null) {
    await response.body?.cancel();
    const told = parseUrl(location, url)?.searchParams;
    const [error, description] = [
      told?.get("error") ?? null,
      told?.get("error_description") ?? null,
    ];
    return saysClientUnknown(error, description) || saysClientIsOver(error, description);
  }
  const { status } = response;
  if (status < 400 || status > 499 || PASSING.has(status)) {
    await response.body?.cancel();
    return false;
  }
  const body = (await response.text()).slice(0, LONGEST_READ);
  const told = isWebPage(body) ? null : toldError({ status, body });
  const code = told?.code ?? null;
  const words = told?.description ?? wordsOf(body);
  if (blamesWhatWasAsked(code, words)) return false;
  return IN_WORDS.test(body) || saysClientUnknown(code, words) || saysClientIsOver(code, words);
}
