import { ProtocolError, SdkHttpError } from "@modelcontextprotocol/client";
import type { ProtocolEra } from "@/lib/mcp/client/protocol-era";
import { handshakeVersions } from "@/lib/mcp/reading/result";

/**
 * What `initialize` says about Usher.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#initialization
 */
export type Handshake = {
  /** The first one is offered; the server may answer with any of them. */
  versions: readonly string[];
  /** That a person can be asked during a call. */
  announcesElicitation: boolean;
  /** The version that goes with `initialize` as a header, which otherwise only later requests have. */
  versionHeader: string | null;
};

export const usualHandshake: Handshake = {
  versions: handshakeVersions,
  announcesElicitation: true,
  versionHeader: null,
};

/** Understood by servers of every age; from before there was anything to announce. */
const plainVersion = "2025-03-26";
/** The first one that is also sent as a header. */
const firstWithHeader = "2025-06-18";
const REFUSED: ReadonlySet<number> = new Set([400, 422, 500, 501]);
/** The server stumbles over what `initialize` says, and not over who asks. */
const aboutWhatItSays =
  /protocol[ _-]?version|unsupported (\w+ )?version|unrecogni[sz]ed|unknown (field|propert|key|member)|unexpected (field|propert|key)|additional ?propert|deseriali[sz]|capabilit|elicitation/i;
const MOST_CHARACTERS = 4_000;

/**
 * A handshake that a server may accept which refused `usualHandshake`: some refuse a version that they do not know,
 * instead of answering with their own, or a capability with fields that they do not know. Null: it was refused
 * for another reason.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#version-negotiation
 */
export function plainHandshake(refusal: unknown): Handshake | null {
  const words = wordsOf(refusal);
  // It speaks only the newer era, and has to be asked in that way.
  if (versionsIn(words).some((version) => version > newest)) return null;
  const named = handshakeVersions.slice(1).find((version) => words.includes(version));
  if (named === undefined && !aboutWhatItSays.test(words)) return null;
  const wantsHeader = /\bheader\b/i.test(words);
  const version = named ?? (wantsHeader ? firstWithHeader : plainVersion);
  const others = handshakeVersions.filter((each) => each !== version);
  return {
    versions: [version, ...others],
    announcesElicitation: false,
    versionHeader: wantsHeader ? version : null,
  };
}

const newest = handshakeVersions[0] ?? "";

/** Dates, but none with a time. */
export function versionsIn(words: string): string[] {
  return words.match(/\b20\d\d-\d\d-\d\d\b(?![T ]\d)/g) ?? [];
}

/** What a refusal says, with its data; "": nothing, or it is another kind of failure. */
export function wordsOf(refusal: unknown): string {
  if (refusal instanceof ProtocolError) {
    return `${refusal.message} ${JSON.stringify(refusal.data ?? "")}`.slice(0, MOST_CHARACTERS);
  }
  if (refusal instanceof SdkHttpError && REFUSED.has(refusal.status)) {
    return String(refusal.data.text ?? "").slice(0, MOST_CHARACTERS);
  }
  return "";
}

/**
 * What may work after a failed handshake. `handshake`: a process that ended at the first question is
 * started again without the question. `probe`: the first question got no answer, because of a refused token
 * that is now replaced or a momentary problem, and this server does not speak the older handshake. A
 * handshake: it stumbled over what the usual one says. An era: its answer to the first question came late.
 */
export type NextTry = "handshake" | "probe" | Handshake | ProtocolEra;

/** As a server that speaks only the newer era answers the older handshake. */
export function isRefusal(error: unknown): boolean {
  const statuses = [400, 404, 405, 406, 415, 422];
  return (
    error instanceof ProtocolError ||
    (error instanceof SdkHttpError && statuses.includes(error.status))
  );
}
