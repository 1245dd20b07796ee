/**
 * How a click on Authorize proves that it happened on a page of Usher: the page writes a cookie with
 * a random name and sends the same random text in the link. A foreign page can do neither. Browsers
 * differ in `Sec-Fetch-Site`: WebKit says `cross-site` of a link of our own that opens a new tab.
 */

export const clickParameter = "click";

const clickText = /^[\w-]{22}$/;

/** As the browser makes it. */
export function newClick(randomBytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...randomBytes.subarray(0, 16)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Over https the prefix keeps other hosts of the same domain from setting it.
 * @returns null for a text that no page of ours has made
 * @see https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-20.html#section-4.1.3.2
 */
export function clickCookieName(click: string | null, https: boolean): string | null {
  if (click === null || !clickText.test(click)) return null;
  return `${https ? "__Host-" : ""}usher-click-${click}`;
}
