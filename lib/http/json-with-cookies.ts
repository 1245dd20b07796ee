/** An answer in JSON, or without content, that sets cookies. */
export function jsonWithCookies(body: object | null, cookies: readonly string[]): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return body === null
    ? new Response(null, { status: 204, headers })
    : Response.json(body, { headers });
}
