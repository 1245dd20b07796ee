import { joinedStream } from "@/lib/joined-stream";
import { bodyRefusesToken, refusesToken } from "@/lib/oauth/challenge";

/** Of a body that gives the reason; the rest is not read. */
const mostBytes = 16 * 1024;

/**
 * Whether a response says that its access token is invalid, and the response, still unread. Some
 * servers say it only in the body of a 400 or 403.
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
  const refused = whole && bodyRefusesToken(Buffer.concat(chunks).toString("utf8"));
  const body = joinedStream(chunks, reader);
  const { status, statusText, headers } = response;
  return { refused, response: new Response(body, { status, statusText, headers }) };
}
