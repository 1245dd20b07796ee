import { parseUrl } from "@/lib/parse-url";

/**
 * A path of our own pages, whatever was asked for: anything that could leave the origin becomes
 * `fallback`. Browsers read `\` as `/` and drop tabs and line breaks, so the URL parser decides.
 */
export function safeReturnTo(asked: string | null, publicUrl: string, fallback: string): string {
  if (asked === null || !asked.startsWith("/") || asked.length > 500) return fallback;
  const url = parseUrl(asked, publicUrl);
  if (url?.origin !== publicUrl || url.pathname.startsWith("//")) return fallback;
  if (url.pathname.startsWith("/api/") || url.pathname.startsWith("/oauth/a")) return fallback;
  return url.pathname + url.search + url.hash;
}
