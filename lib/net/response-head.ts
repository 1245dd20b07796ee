/** @see https://fetch.spec.whatwg.org/#null-body-status */
const NULL_BODY_STATUSES: ReadonlySet<number> = new Set([204, 205, 304]);

/** Whether an answer with this status to this method can have a body at all. */
export function mayHaveBody(method: string, status: number): boolean {
  return method !== "HEAD" && !NULL_BODY_STATUSES.has(status);
}

/** The headers of an answer as undici hands them over, as the platform's own. */
export function responseHeaders(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    for (const one of Array.isArray(value) ? value : [value ?? ""]) {
      try {
        headers.append(name, one);
      } catch {
        // A value beyond Latin-1 does not fit into Headers, and none that matters here has one.
      }
    }
  }
  return headers;
}

/** What Response takes as its `statusText`. @see https://www.rfc-editor.org/rfc/rfc9112#section-4 */
export function reasonPhrase(statusText: string | undefined): string {
  return statusText !== undefined && /^[\t\x20-\x7e]*$/.test(statusText) ? statusText : "";
}
