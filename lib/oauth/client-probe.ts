import type { FetchDocument } from "@/lib/oauth/metadata-document";
import { parseUrl } from "@/lib/parse-url";

const UNKNOWN_CLIENT: ReadonlySet<string> = new Set(["invalid_client", "invalid_client_id"]);
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404]);
/** What a page says that shows the error in words only. */
const IN_WORDS =
  /\binvalid_client\b|\bclient is invalid\b|\bunknown client\b|\bclient not found\b/i;
const LONGEST_READ = 64 * 1024;

/** An error code that says: this client ID is not known here. */
export function saysClientUnknown(error: string | null): boolean {
  return error !== null && UNKNOWN_CLIENT.has(error.toLowerCase());
}

/**
 * Whether an authorization endpoint no longer knows a client. It would tell the person who is sent
 * there, in words of its own and without sending them back; so it is asked first, as a browser that
 * shows nothing (`prompt=none`). Anything but a clear refusal counts as known.
 *
 * @param authorizationUrl with a state and a code challenge that nobody uses afterwards
 * @throws UnreachableError | OutboundRefusedError as the handed-in fetch does
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
    const target = parseUrl(location, url);
    return saysClientUnknown(target?.searchParams.get("error") ?? null);
  }
  if (!REFUSALS.has(response.status)) {
    await response.body?.cancel();
    return false;
  }
  return IN_WORDS.test((await response.text()).slice(0, LONGEST_READ));
}
