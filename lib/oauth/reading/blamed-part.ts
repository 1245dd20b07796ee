import { plainWords } from "@/lib/oauth/reading/plain-words";

const SCOPE_REFUSED =
  /\b(invalid|unknown|unsupported|malformed) scopes?\b|\bscopes?\b( \w+){0,4} (not exist|doesnt exist|not (allowed|granted|permitted|supported|valid|authori[sz]ed|found)|invalid|unknown|unsupported)\b/;
/** Doorkeeper's sentence for any invalid grant mentions a “redirection URI”, and is not about it. */
const REDIRECT_REFUSED =
  /\bredirect ?ur[il]s? mismatch\b|\b(invalid|incorrect|wrong|mismatch\w*|unregistered|unknown|bad) redirect ?ur[il]s?\b|\bredirect ?ur[il]s?\b( \w+){0,4} (not (match|registered|allowed|valid|permitted|whitelisted|in the list)|doesnt match|must match|mismatch\w*|invalid|incorrect|wrong|unknown)\b/;
const RESOURCE_REFUSED =
  /\b(invalid|unknown|unsupported) (resource|target)\b|\b(resource|audience)( request)? (parameter|indicator)\b( \w+){0,5} (not (supported|allowed|permitted|valid|recogni[sz]ed|match)|doesnt match|invalid|unknown|unsupported)\b/;

/**
 * The part of the request that a refusal is about, whatever its code: Entra answers `invalid_client` for a scope that
 * does not exist. Null: it names none.
 */
export function blamedPart(
  error: string | null,
  said: string | null,
): "scope" | "resource" | "redirect" | null {
  const words = `${plainWords(error)} ${plainWords(said)}`;
  if (RESOURCE_REFUSED.test(words)) return "resource";
  if (SCOPE_REFUSED.test(words)) return "scope";
  return REDIRECT_REFUSED.test(words) ? "redirect" : null;
}

/** Whether it is about what was asked for, rather than the client: another client would be refused as well. */
export function blamesWhatWasAsked(error: string | null, said: string | null): boolean {
  const blamed = blamedPart(error, said);
  return blamed === "scope" || blamed === "resource";
}

/** In words, after the provider's name. */
export const blamedWords = {
  scope:
    "does not know one of the scopes, or does not grant it. Ask an admin to check the scopes on the server's page.",
  resource:
    "does not know this MCP server as a resource. Ask an admin to turn the resource indicator off on the server's page.",
  redirect:
    "does not know Usher's callback URL. Ask an admin to register the URL that the server's page shows, exactly as it is there.",
} as const;
