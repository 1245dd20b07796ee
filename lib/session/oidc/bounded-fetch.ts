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
  return new Response(empty ? null : Buffer.concat(chunks), {
    status: response.status,
    headers: response.headers,
  });
}
