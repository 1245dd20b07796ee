import { clickCookieName } from "@/lib/contracts/servers/flow-click";
import { parseUrl } from "@/lib/parse-url";

export type FlowStart =
  | { should: true; reason: "clicked_here" | "same_origin" }
  /** From another site, a typed address, a browser that sends no `Sec-Fetch-Site`, or after signing in. */
  | { should: false; reason: "not_clicked_here" };

/**
 * Whether a flow may start at once. A foreign page must not start one: a provider that does not ask again
 * would replace the shared account unseen. Anything not clicked in Usher is confirmed on a page of Usher
 * first.
 */
export function mayBeginFlow(request: {
  /** `Sec-Fetch-Site`, which no page can set. */
  fetchSite: string | null;
  click: string | null;
  cookies: Readonly<Record<string, string>>;
  https: boolean;
}): FlowStart {
  const cookie = clickCookieName(request.click, request.https);
  if (cookie !== null && Object.hasOwn(request.cookies, cookie)) {
    return { should: true, reason: "clicked_here" };
  }
  if (request.fetchSite === "same-origin") return { should: true, reason: "same_origin" };
  return { should: false, reason: "not_clicked_here" };
}

/**
 * One of our own paths, whatever was requested: anything that could leave the origin becomes
 * `fallback`. Browsers read `\` as `/` and drop tabs and line breaks, so the URL parser decides.
 */
export function safeReturnTo(asked: string | null, publicUrl: string, fallback: string): string {
  if (asked === null || !asked.startsWith("/") || asked.length > 500) return fallback;
  const url = parseUrl(asked, publicUrl);
  if (url?.origin !== publicUrl || url.pathname.startsWith("//")) return fallback;
  if (url.pathname.startsWith("/api/") || url.pathname.startsWith("/oauth/a")) return fallback;
  return url.pathname + url.search + url.hash;
}
