import { plainWords } from "@/lib/oauth/reading/plain-words";

const CLIENT = "client (id|secret|credentials?|authentication|assertion)";
const MISSING = new RegExp(
  [
    `\\b(missing|no|without)( \\w+){0,3} ${CLIENT}\\b`,
    `\\b${CLIENT}\\b( \\w+){0,3} (required|missing|mandatory|undefined|not (provided|supplied|present|found in|sent|included))\\b`,
    "\\b(missing|no) authorization header\\b|\\bauthorization header\\b( \\w+){0,3} (required|missing|not (provided|present))\\b",
  ].join("|"),
);

/**
 * Whether a token endpoint that was sent the client's credentials says that they are missing: it looks for them in
 * another place, as a server does that reads only the body, or only the header.
 */
export function missesClient(error: string | null, said: string | null): boolean {
  return MISSING.test(`${plainWords(error)} ${plainWords(said)}`);
}
