import { parseParameters } from "@/lib/oauth/parameters";

const timeoutMs = 10_000;
const mostBytes = 1024 * 1024;

/**
 * For requests to the identity provider: a person waits for them, so they have a time limit, and the response is
 * bounded before anything parses it. The address is the operator's own, so no guard is in between.
 */
export async function boundedFetch(
  url: string,
  init: RequestInit = {},
  send: typeof fetch | null = null,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  const response = await (send ?? fetch)(url, { ...init, redirect: "manual", signal });
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > mostBytes) throw new TypeError("the identity provider's answer is too large");
    chunks.push(chunk);
  }
  const empty = response.status === 204 || response.status === 304;
  const bytes = new Uint8Array(Buffer.concat(chunks));
  const body = (init.method === "POST" ? withoutNulls(bytes) : null) ?? bytes;
  return new Response(empty ? null : body, {
    status: response.status,
    headers: response.headers,
  });
}

/**
 * A token response without the members that are null: some providers write so what they do not have, and oauth4webapi
 * refuses it for its type. What is required is missing then, and refused all the same. Null: nothing to leave out.
 */
function withoutNulls(bytes: Uint8Array): string | null {
  const members = Object.entries(parseParameters(new TextDecoder().decode(bytes)) ?? {});
  const given = members.filter(([, value]) => value !== null);
  return given.length === members.length ? null : JSON.stringify(Object.fromEntries(given));
}
