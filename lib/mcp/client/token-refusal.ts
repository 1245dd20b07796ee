import { joinedStream } from "@/lib/joined-stream";
import { bodyRefusesToken, insufficientScope, refusesToken } from "@/lib/oauth/challenge";
import { bodyAsksForScopes } from "@/lib/oauth/reading/missing-scopes";

/** Of a body that gives the reason; the rest is not read. */
const mostBytes = 16 * 1024;

/**
 * Whether a response says that its access token is invalid, and the response, still unread. Some
 * servers say it only in the body of a 400 or 403, as they do that scopes are missing; the response then has the
 * challenge for them.
 */
export async function readTokenRefusal(
  response: Response,
): Promise<{ refused: boolean; response: Response }> {
  if (refusesToken(response)) return { refused: true, response };
  // Checked first: a response's headers are created when they are read, which costs every call.
  if (response.status !== 400 && response.status !== 403) return { refused: false, response };
  const isJson = /[/+]json\b/i.test(response.headers.get("content-type") ?? "");
  if (!isJson || !response.body) return { refused: false, response };

  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let whole = false;
  while (!whole && size <= mostBytes) {
    const { done, value } = await reader.read();
    if (done) whole = true;
    else {
      chunks.push(value);
      size += value.byteLength;
    }
  }
  const told = whole ? Buffer.concat(chunks).toString("utf8") : "";
  const refused = bodyRefusesToken(told);
  const body = joinedStream(chunks, reader);
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  const challenge = status === 403 && !refused ? bodyAsksForScopes(told) : null;
  // Where everything else looks for it.
  if (challenge !== null && insufficientScope(status, headers) === null) {
    headers.append("www-authenticate", challenge);
  }
  return { refused, response: new Response(body, { status, statusText, headers }) };
}
